import * as v from 'valibot'
import { maximumBlockSize, minimumBlockSize, presetNames } from './preset'
import { passwordChanges } from './password'
import { protectionLevels } from './protection'
import { overwritePolicies } from './question'

const path = v.pipe(v.string(), v.nonEmpty())
const paths = v.pipe(v.array(path), v.minLength(1))
/** Entry paths as people write them: "docs/readme.md". */
const entries = v.array(path)

const amount = v.pipe(v.number(), v.minValue(0), v.maxValue(Number.MAX_SAFE_INTEGER))
/** What an extraction may take; where one is not given, it is in proportion to the archive. */
const extractionLimits = v.strictObject({
  /** Sum of the sizes of all files. */
  bytes: v.optional(amount),
  entries: v.optional(amount),
  /** Of decoding, on one core of a usual computer. */
  hours: v.optional(amount),
})

const estimating = {
  preset: v.optional(v.picklist(presetNames)),
  /** Bytes. */
  blockSize: v.optional(v.pipe(v.number(), v.integer(), v.minValue(minimumBlockSize), v.maxValue(maximumBlockSize))),
  /** Glob patterns of what to leave out. */
  exclude: v.optional(v.array(v.string())),
}

const packing = {
  ...estimating,
  comment: v.optional(v.string()),
  /** Whether to look for samples of the data that pay for being stored; true if not given. */
  primers: v.optional(v.boolean()),
}

/** One tensor of a file, by its name. */
const tensorToExtract = v.strictObject({
  name: v.string(),
  /** As an .npy file, or else its bytes as they are. */
  npy: v.boolean(),
})

const protection = v.optional(v.picklist(protectionLevels))

/** Everything a shell can ask the engine to do that takes time. Paths are absolute. */
export const jobRequestSchema = v.variant('verb', [
  v.strictObject({
    verb: v.literal('create'),
    archive: path,
    paths,
    replace: v.optional(v.boolean()),
    protection,
    /** The password comes beside the request, never in it: requests are shown. */
    encrypt: v.optional(v.boolean()),
    ...packing,
  }),
  /** What `create` would give with a preset, or with each; writes nothing. Without an archive, none is looked for in its place. */
  v.strictObject({
    verb: v.literal('estimate'),
    archive: v.optional(path),
    paths,
    replace: v.optional(v.boolean()),
    ...estimating,
  }),
  v.strictObject({
    verb: v.literal('add'),
    archive: path,
    paths,
    /** A folder of the archive; its top level if not given. */
    into: v.optional(v.string()),
    ...packing,
  }),
  v.strictObject({ verb: v.literal('remove'), archive: path, entries: paths }),
  /** Gives an entry another name in its folder; `name` is one path component. */
  v.strictObject({ verb: v.literal('rename'), archive: path, entry: path, name: v.string() }),
  v.strictObject({ verb: v.literal('compact'), archive: path }),
  v.strictObject({
    verb: v.literal('extract'),
    archive: path,
    /** None means all. */
    entries,
    destination: path,
    overwrite: v.picklist(overwritePolicies),
    /** Several top-level items go into a folder named after the archive. */
    smart: v.boolean(),
    links: v.optional(v.picklist(['safe', 'all', 'none'])),
    limits: v.optional(extractionLimits),
    /** Of a single entry, this tensor alone. */
    tensor: v.optional(tensorToExtract),
  }),
  v.strictObject({ verb: v.literal('verify'), archive: path }),
  v.strictObject({ verb: v.literal('salvage'), archive: path, target: path }),
  /** The archive's own level if none is given, or `normal`. */
  v.strictObject({ verb: v.literal('protect'), archive: path, level: protection }),
  v.strictObject({ verb: v.literal('repair'), archive: path, target: path }),
  /** Of the passwords of an archive; they come beside the request. */
  v.strictObject({ verb: v.literal('password'), archive: path, change: v.picklist(passwordChanges) }),
])

export type TensorToExtract = v.InferOutput<typeof tensorToExtract>
export type ExtractionLimits = v.InferOutput<typeof extractionLimits>
export type JobRequest = v.InferOutput<typeof jobRequestSchema>
export type JobVerb = JobRequest['verb']
export type JobRequestOf<Verb extends JobVerb> = Extract<JobRequest, { verb: Verb }>
