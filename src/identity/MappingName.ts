/** What people call a mapping. Characters are code points: what a person takes for one may be of any length. */
export const isMappingName = (name: string): boolean => name.trim().length > 0 && Array.from(name).length <= 200
