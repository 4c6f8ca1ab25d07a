/** The program and the entry to start it with; undefined where one of the two is not there. */
export function desktopApp(): { readonly program: string; readonly entry: string } | undefined
