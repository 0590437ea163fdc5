declare module "fs-native-extensions" {
  /** Takes an exclusive lock on the whole file; false if another descriptor has it. Throws an errno otherwise. */
  export const tryLock: (file: number) => boolean
  /** Gives it up, for every descriptor that came of this one, in whichever process. Throws an errno otherwise. */
  export const unlock: (file: number) => void
  /** Lets two files change places in one step, on Linux and macOS. Throws an errno where the file system cannot. */
  export const swapSync: (from: string, to: string) => void
}
