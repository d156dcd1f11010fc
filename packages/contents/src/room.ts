/** Whether there is room for new bytes where contents are kept. */
export interface Room {
  /**
   * Called before bytes are written, and with 0 before any are asked of a sender. Throws `disk-full`, in words for
   * whoever sends them, while no new contents are taken.
   */
  take(sizeBytes: number): Promise<void>
}

export const ENDLESS_ROOM: Room = { take: async () => undefined }
