/** The text without the codes that colour it. */
export const plain = (text: string): string => text.replace(/\u001b\[[0-9;]*m/g, "")
