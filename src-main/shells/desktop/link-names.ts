/** What a page sends to be given a port: the one message that the main process takes from pages. */
export const connectChannel = 'lmz:connect'

/** What it is sent then, with the port. */
export const portChannel = 'lmz:port'
