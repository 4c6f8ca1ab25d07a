import type { Sources } from './sources'

/** On the desktop, files and folders stay where they are: only their paths are wanted. */
export function desktopSources(pathOf: (file: File) => string): Sources {
  return (input) => {
    const files = input instanceof FileList ? input : input.files
    return Promise.resolve([...files].map(pathOf).filter((path) => path !== ''))
  }
}
