/** A file with its path below what was dropped, "/"-separated. */
export interface DroppedFile {
  readonly path: string
  readonly file: File
}

export interface Dropped {
  readonly files: readonly DroppedFile[]
  /** Folders without anything in them, which no file's path names. */
  readonly emptyFolders: readonly string[]
  /** Names of what was dropped itself: what the paths begin with, each once. */
  readonly roots: readonly string[]
}

/**
 * All files of a drop, folders walked. The drop's list is only there until its handler ends, so it is read at once,
 * before anything is waited for.
 */
export async function droppedFiles(input: DataTransfer | FileList): Promise<Dropped> {
  return input instanceof FileList ? listed(input) : walked(entriesOf(input))
}

function entriesOf(transfer: DataTransfer): (FileSystemEntry | File)[] {
  return [...transfer.items].flatMap((item) => {
    if (item.kind !== 'file') return []
    const found = item.webkitGetAsEntry() ?? item.getAsFile()
    return found === null ? [] : [found]
  })
}

/** From `<input type="file">`; one for a folder gives each file's path below it. */
function listed(list: FileList): Dropped {
  const files = [...list].map((file) => ({ path: file.webkitRelativePath || file.name, file }))
  return { files, emptyFolders: [], roots: rootsOf(files.map(({ path }) => path)) }
}

async function walked(entries: readonly (FileSystemEntry | File)[]): Promise<Dropped> {
  const files: DroppedFile[] = []
  const emptyFolders: string[] = []
  const visit = async (entry: FileSystemEntry, folder: string): Promise<void> => {
    const path = folder + entry.name
    if (entry.isDirectory) {
      const children = await childrenOf(entry as FileSystemDirectoryEntry)
      if (children.length === 0) emptyFolders.push(path)
      for (const child of children) await visit(child, `${path}/`)
    } else {
      files.push({ path, file: await fileOf(entry as FileSystemFileEntry) })
    }
  }
  for (const entry of entries) {
    if (entry instanceof File) files.push({ path: entry.name, file: entry })
    else await visit(entry, '')
  }
  return { files, emptyFolders, roots: rootsOf([...files.map(({ path }) => path), ...emptyFolders]) }
}

function rootsOf(paths: readonly string[]): readonly string[] {
  return [...new Set(paths.map((path) => path.split('/', 1)[0] ?? path))]
}

/** A reader gives at most 100 entries at a time, and none at the end. */
async function childrenOf(directory: FileSystemDirectoryEntry): Promise<FileSystemEntry[]> {
  const reader = directory.createReader()
  const children: FileSystemEntry[] = []
  for (;;) {
    const some = await new Promise<FileSystemEntry[]>((resolve, reject) => reader.readEntries(resolve, reject))
    if (some.length === 0) return children
    children.push(...some)
  }
}

function fileOf(entry: FileSystemFileEntry): Promise<File> {
  return new Promise((resolve, reject) => entry.file(resolve, reject))
}
