import type { WAMessageKey } from "@whiskeysockets/baileys"

/** The messages of each chat that nobody was told we have read. */
export interface Unread {
  readonly add: (chat: string, key: WAMessageKey) => void
  readonly of: (chat: string) => ReadonlyArray<WAMessageKey>
  readonly remove: (chat: string, keys: ReadonlyArray<WAMessageKey>) => void
}

/** So many chats are remembered, and so many messages of each: strangers, who get no answer, fill it, too. */
const most = { chats: 1_000, keys: 100 }

export const make = (): Unread => {
  const unread = new Map<string, ReadonlyArray<WAMessageKey>>()
  return {
    add: (chat, key) => {
      const before = unread.get(chat) ?? []
      unread.delete(chat)
      unread.set(chat, [...before, key].slice(-most.keys))
      const [oldest] = unread.keys()
      if (unread.size > most.chats && oldest !== undefined) unread.delete(oldest)
    },
    of: (chat) => unread.get(chat) ?? [],
    remove: (chat, keys) => {
      const left = (unread.get(chat) ?? []).filter((key) => !keys.includes(key))
      if (left.length === 0) unread.delete(chat)
      else unread.set(chat, left)
    }
  }
}
