/** What a shell sends instead of closing the channel where the channel cannot be closed from its side alone. */
export const farewell = 'lmz:farewell'
