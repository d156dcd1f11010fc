import { Link } from '@tanstack/react-router'
import { EmptyState } from '../parts/empty-state.tsx'

export function NotFound() {
  return (
    <EmptyState title="Page not found">
      The address may be mistyped. <Link to="/">Go to the overview</Link>
    </EmptyState>
  )
}
