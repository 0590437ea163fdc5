declare module "fs-native-extensions" {
  /** Takes an exclusive lock on the whole file; false if another descriptor has it. Throws an errno otherwise. */
  export const tryLock: (file: number) => boolean
}
