import { Code, Text } from '@mantine/core'

/** How whoever owns the coordinator's machine gets a link that signs a browser in. */
export function NewLink() {
  return (
    <Text size="sm">
      On the coordinator's machine, <Code>causeway sign-in-link --data DIR</Code> prints a link that signs you in
      without a password. For the demo, run <Code>npm start</Code> again in another terminal: it prints one too.
    </Text>
  )
}
