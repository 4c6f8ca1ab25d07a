import eslint from '@eslint/js'
import prettier from 'eslint-config-prettier'
import svelte from 'eslint-plugin-svelte'
import { builtinModules } from 'node:module'
import svelteParser from 'svelte-eslint-parser'
import tseslint from 'typescript-eslint'

/** `value!` needs its reason beside it: a comment on the same line, or alone on the line before. */
const reasonForNonNull = {
  meta: { type: 'problem', schema: [], messages: { missing: 'Say beside the `!` why the value is there.' } },
  create: ({ sourceCode, report }) => ({
    TSNonNullExpression(node) {
      const line = node.loc.end.line
      const hasReason = sourceCode.getAllComments().some(({ loc }) => {
        const standsAlone = sourceCode.lines[loc.start.line - 1].slice(0, loc.start.column).trim() === ''
        return loc.end.line === line || (loc.end.line === line - 1 && standsAlone)
      })
      if (!hasReason) report({ node, messageId: 'missing' })
    },
  }),
}

const builtins = builtinModules.filter((name) => !/^(_|node:)/.test(name)).join('|')
const builtinStyle = { regex: `^(${builtins})$`, message: "Write 'node:' before the name of a built-in module." }
const relativeStyle = { regex: String.raw`^\.{1,2}/.*\.[jt]s$`, message: 'Relative imports carry no file extension.' }

const exportedArrow = {
  selector: 'ExportNamedDeclaration > VariableDeclaration > VariableDeclarator > ArrowFunctionExpression',
  message: 'Write `export function`.',
}

/** The same for every file: another set would make the parser load the whole project again. */
const typed = { projectService: true, tsconfigRootDir: import.meta.dirname, extraFileExtensions: ['.svelte'] }

const nodeGlobals = ['process', 'Buffer', 'WebAssembly', 'setInterval', 'clearInterval']

export default tseslint.config(
  {
    ignores: [
      'out/',
      'dist/',
      'coverage/',
      'src-main/kernels/assembly/',
      'src-main/kernels/generated/',
      'test/**/fixtures/',
    ],
  },
  { linterOptions: { reportUnusedDisableDirectives: 'error' } },
  eslint.configs.recommended,
  {
    files: ['**/*.svelte', '**/*.svelte.ts'],
    extends: [svelte.configs.recommended],
  },
  {
    files: ['**/*.ts', '**/*.svelte'],
    extends: [tseslint.configs.strictTypeChecked],
    languageOptions: { parserOptions: typed },
    plugins: { lmz: { rules: { 'reason-for-non-null': reasonForNonNull } } },
    rules: {
      '@typescript-eslint/no-non-null-assertion': 'off',
      'lmz/reason-for-non-null': 'error',
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true, allowBoolean: true }],
      '@typescript-eslint/no-confusing-void-expression': ['error', { ignoreArrowShorthand: true }],
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', ignoreRestSiblings: true }],
      '@typescript-eslint/no-unnecessary-condition': [
        'error',
        { allowConstantLoopConditions: 'only-allowed-literals' },
      ],
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/switch-exhaustiveness-check': ['error', { considerDefaultExhaustiveForUnions: true }],
      // Bytes are read with index loops and masks all over the formats and codecs.
      '@typescript-eslint/prefer-for-of': 'off',
      'no-restricted-syntax': ['error', exportedArrow],
      eqeqeq: 'error',
      'no-restricted-imports': ['error', { patterns: [builtinStyle, relativeStyle] }],
    },
  },
  {
    // Behind the rules for TypeScript, which bring a parser of their own.
    files: ['**/*.svelte', '**/*.svelte.ts'],
    languageOptions: {
      parser: svelteParser,
      parserOptions: { ...typed, parser: tseslint.parser },
    },
    rules: {
      // The compiler knows what is a component's own state, and these do not.
      'prefer-const': 'off',
      'svelte/prefer-const': ['error', { destructuring: 'all' }],
      // A prop with a fallback, and a component that is bound, look unneeded to the type checker.
      '@typescript-eslint/no-unnecessary-condition': 'off',
      'no-undef': 'off',
      // To this type checker, what a component hands back is `any`; svelte-check knows better.
      '@typescript-eslint/no-unsafe-argument': 'off',
      '@typescript-eslint/no-unsafe-assignment': 'off',
      '@typescript-eslint/no-unsafe-call': 'off',
      '@typescript-eslint/no-unsafe-member-access': 'off',
      '@typescript-eslint/no-unsafe-return': 'off',
      // State is replaced as a whole; a Map or Set that is built up for that needs no watching.
      'svelte/prefer-svelte-reactivity': 'off',
    },
  },
  {
    files: ['src-main/**/*.ts', 'src-renderer/**/*.{ts,svelte}'],
    rules: { 'max-lines': ['error', { max: 350 }], 'no-console': 'error' },
  },
  {
    files: ['test/**/*.ts'],
    rules: {
      // A test that is wrong about one of these fails by itself.
      'lmz/reason-for-non-null': 'off',
      '@typescript-eslint/no-unsafe-assignment': 'off',
      '@typescript-eslint/no-unsafe-member-access': 'off',
      '@typescript-eslint/require-await': 'off',
    },
  },
  {
    // Run as it stands by Node, which wants the extensions.
    files: ['test/bench/**/*.ts', 'test/desktop/stand-in/**/*.ts'],
    rules: { 'no-restricted-imports': ['error', { patterns: [builtinStyle] }] },
  },
  {
    files: ['**/*.mjs'],
    languageOptions: { globals: Object.fromEntries(nodeGlobals.map((name) => [name, 'readonly'])) },
    rules: { 'no-restricted-imports': ['error', { patterns: [builtinStyle] }] },
  },
  prettier,
  ...svelte.configs.prettier,
)
