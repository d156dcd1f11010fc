import { createClient, type Client } from '@causeway/client'

/** The coordinator that served this page. The sign-in is a cookie, so nothing secret is held here. */
export const client: Client = createClient({ url: location.origin })
