// An OpenID Connect provider that believes everybody who they say they are: whoever signs in as an address has it.
// Arguments: the port to listen on, and where to lead back to.
import Provider from 'oidc-provider'

const [port, redirect] = process.argv.slice(2)

const provider = new Provider(`http://127.0.0.1:${port}`, {
  clients: [{ client_id: 'causeway', client_secret: 'a secret of the tests, long enough', redirect_uris: [redirect] }],
  claims: { openid: ['sub'], email: ['email', 'email_verified'], profile: ['name'] },
  findAccount: (_context, id) => ({
    accountId: id,
    claims: async () => ({
      sub: `subject-of-${id}`,
      name: id.split('@')[0],
      email: id.replace('unverified-', ''),
      email_verified: !id.startsWith('unverified-'),
    }),
  }),
  cookies: { keys: ['a key of the tests'] },
  pkce: { required: () => true },
})
provider.listen(Number(port), '127.0.0.1', () => process.stdout.write('listening\n'))
