import { useEffect, useState } from 'react'

/**
 * The secret of the link that led here: behind the sign #, which is sent to no server. Neither the browser's history nor
 * a look over the shoulder keeps it.
 */
export function useLinkSecret({ path, title }: { readonly path: string; readonly title: string }): string {
  const [secret] = useState(() => location.hash.slice(1))
  useEffect(() => {
    document.title = title
    history.replaceState(null, '', path)
  }, [path, title])
  return secret
}
