declare const __WARELAY_VERSION__: string

/** The version of the package, put in place of the name above when the product is built or its tests are run. */
export const version: string = __WARELAY_VERSION__
