/** The version of this lmz, as in package.json; archives record what made them. */
export const version = '0.1.0'
