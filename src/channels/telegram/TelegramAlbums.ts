/** Of an album each part comes as a message of its own, and one of them is enough to answer. */
export interface TelegramAlbums {
  /** Whether this message is the part that speaks for the album: the first that asked, however often it comes. */
  readonly isSpeaker: (album: string, message: number) => boolean
}

/** The parts of an album come within moments. */
const most = 100

export const make = (): TelegramAlbums => {
  const speakers = new Map<string, number>()
  return {
    isSpeaker: (album, message) => {
      const speaker = speakers.get(album) ?? message
      speakers.set(album, speaker)
      const [oldest] = speakers.keys()
      if (speakers.size > most && oldest !== undefined) speakers.delete(oldest)
      return speaker === message
    }
  }
}
