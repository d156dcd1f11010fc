const ADVICE: Readonly<Record<string, string>> = {
  'bad-pattern': 'Correct the pattern in .causewayignore.',
  'chunk-corrupt': 'It will be fetched again; if the problem stays, check the coordinator’s disk.',
  'chunk-missing': 'It is restored once a node that has the file connects.',
  'disk-full': 'Free some space on that machine; syncing then continues.',
  halted: 'Look at what would be removed, then put it back or let it go.',
  'io-error': 'Check the disk and the permissions of that file.',
  kept: 'Move it away, or take its pattern out of .causewayignore.',
  'manifest-invalid': 'Save the file again on the node that holds it.',
  'missing-content': 'It will be sent again automatically.',
  'name-taken': 'Rename one of the two.',
  'no-write-access': 'Give the node the right to send in Settings.',
  'no-room': 'Free some space on the coordinator’s disk; syncing then continues.',
  'not-unicode': 'Rename the file to a name that is valid UTF-8.',
  'over-quota': 'Raise the limit that the message names: the folder’s in Settings, or the node’s beside its name.',
  'receive-only': 'Move the change elsewhere, or give the node the right to send in Settings.',
  'root-foreign': 'Put the directory that was synced before back in this place; syncing then continues.',
  'root-missing': 'Mount the disk or put the directory back; syncing then continues.',
  'state-missing': 'Put the state directory back and restart the node, or join again with a new link.',
  'too-long': 'Shorten the name or the path.',
  'unreadable-changes': 'Install the same version on this node and on the coordinator.',
  'unreadable-message': 'Install the same version on this node and on the coordinator.',
  unreadable: 'Give the node’s user permission to read it.',
  'unsupported-kind': 'Sockets, pipes and devices are not synced: ignore it with a rule.',
}

/** What a person can do about a problem that a node reports, by its code; `undefined` where nothing is left to do. */
export function problemAdvice(code: string): string | undefined {
  return Object.hasOwn(ADVICE, code) ? ADVICE[code] : undefined
}
