/** The name of a pack by its number: names sort as their numbers do, as far as eight digits go. */
export function packName(number: number): string {
  return String(number).padStart(8, '0')
}

export function isPackName(text: string): boolean {
  return /^\d{8,15}$/.test(text)
}
