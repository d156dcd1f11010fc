import { Switch, Text, Title } from '@mantine/core'
import { turnAlertsOff, turnAlertsOn, useAlertSetting, type AlertSetting } from '../../alerts/setting.ts'

const WHY_NOT: Readonly<Record<Exclude<AlertSetting, 'on' | 'off'>, string>> = {
  blocked: 'The browser blocks notifications from this page. Allow them in its settings for this site, then come back.',
  insecure: 'Browsers allow notifications only on pages served over HTTPS or from this machine.',
  unsupported: 'This browser does not support notifications.',
}

/** Whether this browser tells of what waits while nobody looks at the page. */
export function NotificationSettings() {
  const setting = useAlertSetting()
  const isPossible = setting === 'on' || setting === 'off'
  return (
    <section aria-labelledby="notifications-title">
      <Title order={2} id="notifications-title">
        Notifications
      </Title>
      <Switch
        mt="xs"
        label="Notify me in this browser"
        checked={setting === 'on'}
        disabled={!isPossible}
        onChange={(event) => (event.currentTarget.checked ? void turnAlertsOn() : turnAlertsOff())}
      />
      <Text size="sm" c="dimmed" mt={4}>
        {isPossible
          ? 'About new conflicts, halts, and nodes that have been offline for 30 minutes, while Causeway is open in a background tab.'
          : WHY_NOT[setting]}
      </Text>
    </section>
  )
}
