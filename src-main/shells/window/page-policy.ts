/**
 * What the window's page may do, for the header Content-Security-Policy: code and style come from lmz's own files alone, nothing
 * is fetched from anywhere else, no page is framed here, and this one nowhere. Images of a preview are made in the page (blob:).
 * Names of files cannot become markup by mistake: text is turned into HTML by the compiled templates of Svelte and nobody else.
 */
export const contentPolicy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' blob: data:",
  "font-src 'self'",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
  "require-trusted-types-for 'script'",
  'trusted-types svelte-trusted-html',
].join('; ')
