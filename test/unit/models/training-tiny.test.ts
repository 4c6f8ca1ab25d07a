import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { expect, test } from 'vitest'

const folder = resolve(import.meta.dirname, '../../../native-models/training/neural')
const environments = ['.venv/bin/python', '.venv/Scripts/python.exe'].map((path) => join(folder, path))
const python = process.env['LMZ_PYTHON'] ?? environments.find((path) => existsSync(path))
const needs = 'import torch, numpy, onnx, onnxruntime, zstandard, ninja'
const ready = python !== undefined && spawnSync(python, ['-c', needs]).status === 0

// A model that was trained once can never be repaired: its integers must be those of both graphs on every machine, or archives are lost.
test.skipIf(!ready)(
  'the way from text to a model that computes the same integers everywhere (skipped without a Python that has the requirements: LMZ_PYTHON)',
  { timeout: 240_000 },
  () => {
    const run = spawnSync(python ?? '', ['tiny.py'], { cwd: folder, encoding: 'utf8' })
    expect(run.stderr).not.toContain('Traceback')
    expect(run.status).toBe(0)
    const result: unknown = JSON.parse(run.stdout.trim().split('\n').at(-1) ?? '')
    expect(result).toMatchObject({ tiny: 'ok', implementations: 9, cases: 6 })
  },
)
