import { Modal, Tabs } from '@mantine/core'
import { JoinLink } from './join-link.tsx'
import { Register } from './register.tsx'

/** Brings a machine in: by a link that it joins with, or by noting a node that comes by itself. */
export function AddNode({ opened, onClose }: { readonly opened: boolean; readonly onClose: () => void }) {
  return (
    <Modal opened={opened} onClose={onClose} title="Add a node" size="lg" closeButtonProps={{ 'aria-label': 'Close' }}>
      <Tabs defaultValue="join" keepMounted={false}>
        <Tabs.List mb="md">
          <Tabs.Tab value="join">Join link</Tabs.Tab>
          <Tabs.Tab value="register">Register by hand</Tabs.Tab>
        </Tabs.List>
        <Tabs.Panel value="join">
          <JoinLink onDone={onClose} />
        </Tabs.Panel>
        <Tabs.Panel value="register">
          <Register onDone={onClose} />
        </Tabs.Panel>
      </Tabs>
    </Modal>
  )
}
