export interface SyncthingConfig {
  readonly id: string
  readonly other: { readonly id: string; readonly address: string | undefined }
  readonly root: string
  readonly listen: string
  readonly socket: string
  readonly key: string
  readonly delaySeconds: number
}

export const FOLDER_ID = 'bench'

/** A configuration with nothing but the one folder and the one other device: nobody else is looked for. */
export function syncthingConfig({ id, other, root, listen, socket, key, delaySeconds }: SyncthingConfig): string {
  const address = other.address === undefined ? '' : `<address>${other.address}</address>`
  return `<configuration version="36">
  <folder id="${FOLDER_ID}" label="bench" path="${root}" type="sendreceive" rescanIntervalS="86400"
    fsWatcherEnabled="true" fsWatcherDelayS="${delaySeconds}" ignorePerms="false" autoNormalize="true">
    <filesystemType>basic</filesystemType>
    <device id="${id}" introducedBy=""></device>
    <device id="${other.id}" introducedBy=""></device>
    <minDiskFree unit="">0</minDiskFree>
  </folder>
  <device id="${id}" name="self" compression="metadata"></device>
  <device id="${other.id}" name="other" compression="metadata">${address}</device>
  <gui enabled="true" tls="false">
    <address>${socket}</address>
    <apikey>${key}</apikey>
    <insecureSkipHostcheck>true</insecureSkipHostcheck>
  </gui>
  <options>
    <listenAddress>${listen}</listenAddress>
    <globalAnnounceEnabled>false</globalAnnounceEnabled>
    <localAnnounceEnabled>false</localAnnounceEnabled>
    <relaysEnabled>false</relaysEnabled>
    <natEnabled>false</natEnabled>
    <stunKeepaliveStartS>0</stunKeepaliveStartS>
    <reconnectionIntervalS>2</reconnectionIntervalS>
    <startBrowser>false</startBrowser>
    <urAccepted>-1</urAccepted>
    <urSeen>9</urSeen>
    <autoUpgradeIntervalH>0</autoUpgradeIntervalH>
    <crashReportingEnabled>false</crashReportingEnabled>
    <announceLANAddresses>false</announceLANAddresses>
  </options>
</configuration>
`
}
