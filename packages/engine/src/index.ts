export { compare, counterOf, EMPTY_VECTOR, hasSeen, includes, merge, withDot } from './version-vector.ts'
