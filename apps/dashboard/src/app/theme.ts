import {
  createTheme,
  defaultVariantColorsResolver,
  type MantineColorsTuple,
  type VariantColorsResolver,
} from '@mantine/core'

// The accent is for actions and selection only: #0f766e on light, #2dd4bf on dark.
const teal: MantineColorsTuple = [
  '#f0fdfa',
  '#ccfbf1',
  '#99f6e4',
  '#5eead4',
  '#2dd4bf',
  '#14b8a6',
  '#0d9488',
  '#0f766e',
  '#115e59',
  '#134e4a',
]

/** Colours whose text must differ between light and dark; Mantine decides by the light one alone. */
const SOLID: Readonly<Record<string, { background: string; hover: string; color: string }>> = {
  teal: {
    background: 'var(--mantine-primary-color-filled)',
    hover: 'var(--mantine-primary-color-filled-hover)',
    color: 'var(--on-solid)',
  },
  red: {
    background: 'var(--state-halted)',
    hover: 'color-mix(in srgb, var(--state-halted) 88%, var(--mantine-color-text))',
    color: 'var(--on-solid)',
  },
}

/** The greys of the dark scheme, tinted as its surfaces are. */
const dark: MantineColorsTuple = [
  '#e6eaef',
  '#c3cad3',
  '#9aa4b2',
  '#8d98a6',
  '#3a444f',
  '#2a313a',
  '#1d242c',
  '#12161b',
  '#0e1216',
  '#090c0f',
]

const GENTLE_RED = {
  background: 'color-mix(in srgb, var(--state-halted) 10%, var(--surface))',
  hover: 'color-mix(in srgb, var(--state-halted) 16%, var(--surface))',
  color: 'var(--state-halted)',
} as const

const variantColorResolver: VariantColorsResolver = (input) => {
  const standard = defaultVariantColorsResolver(input)
  const solid = SOLID[input.color ?? input.theme.primaryColor]
  if (solid === undefined) return standard
  if (input.variant === 'filled') return { ...standard, ...solid }
  return input.color === 'red' && input.variant === 'light' ? { ...standard, ...GENTLE_RED } : standard
}

export const theme = createTheme({
  variantColorResolver,
  primaryColor: 'teal',
  primaryShade: { light: 7, dark: 4 },
  autoContrast: true,
  luminanceThreshold: 0.35,
  colors: { teal, dark },
  fontFamily: 'system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif',
  fontFamilyMonospace: 'ui-monospace, SFMono-Regular, Menlo, Consolas, "Liberation Mono", monospace',
  fontSizes: { xs: '12px', sm: '13px', md: '14px', lg: '16px', xl: '20px' },
  spacing: { xs: '4px', sm: '8px', md: '16px', lg: '24px', xl: '32px' },
  headings: { sizes: { h1: { fontSize: '20px', lineHeight: '28px' }, h2: { fontSize: '15px', lineHeight: '24px' } } },
  defaultRadius: 'sm',
  respectReducedMotion: true,
  cursorType: 'pointer',
})
