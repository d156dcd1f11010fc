// Names, paths and reasons come from other machines: they are only ever set as text.
const EVENTS_SHOWN = 200
const HISTORY = 100

const element = (id) => document.getElementById(id)
const state = { nodes: new Map(), folders: [], events: [], cursor: 0 }
let pauseMs = 500
let refreshTimer

void start()

async function start() {
  showJoinLink()
  element('sign-in').addEventListener('submit', signIn)
  await open()
}

async function open() {
  try {
    const [nodes, folders, newest] = await Promise.all([
      call('/api/v1/nodes'),
      call('/api/v1/folders'),
      call(`/api/v1/events?limit=${HISTORY}`),
    ])
    state.nodes = new Map(nodes.map((node) => [node.id, node]))
    state.folders = folders
    state.events = newest.events
    state.cursor = newest.events[0]?.position ?? 0
    element('sign-in').hidden = true
    element('content').hidden = false
    draw()
    follow()
  } catch (error) {
    if (error.code === 'not-signed-in') askForSignIn()
    else retry()
  }
}

function follow() {
  const address = new URL('/ws', location.href)
  address.protocol = address.protocol === 'https:' ? 'wss:' : 'ws:'
  const socket = new WebSocket(address)
  socket.addEventListener('open', () => {
    pauseMs = 500
    socket.send(JSON.stringify({ subscribe: { after: state.cursor } }))
    showLink('good', '●', 'Live')
  })
  socket.addEventListener('message', ({ data }) => take(JSON.parse(data)))
  socket.addEventListener('close', retry)
}

function retry() {
  showLink('quiet', '○', 'Not connected, trying again')
  setTimeout(() => void open(), pauseMs)
  pauseMs = Math.min(pauseMs * 2, 10_000)
}

function take(message) {
  if (message.kind === 'event' && message.event.position > state.cursor) {
    state.cursor = message.event.position
    state.events = [message.event, ...state.events].slice(0, EVENTS_SHOWN)
    refreshSoon()
  } else if (message.kind === 'node') {
    if (message.node.revoked) state.nodes.delete(message.node.id)
    else state.nodes.set(message.node.id, message.node)
  } else if (message.kind === 'report') {
    const node = state.nodes.get(message.node)
    const folder = node?.folders.find((member) => member.folder === message.report.folder)
    if (folder) folder.report = message.report
  }
  draw()
}

/** Counts come from the coordinator, not from adding up events; once a second at most. */
function refreshSoon() {
  refreshTimer ??= setTimeout(() => void refresh(), 1000)
}

async function refresh() {
  refreshTimer = undefined
  try {
    const [nodes, folders] = await Promise.all([call('/api/v1/nodes'), call('/api/v1/folders')])
    state.nodes = new Map(nodes.map((node) => [node.id, node]))
    state.folders = folders
    draw()
  } catch {
    // The socket closes too where the coordinator is gone, and that leads to a retry.
  }
}

function draw() {
  const nodes = [...state.nodes.values()]
  element('summary').textContent = summary(nodes, state.folders)
  element('nodes').replaceChildren(...nodes.map(nodeRow))
  element('no-nodes').hidden = nodes.length > 0
  element('folders').replaceChildren(...state.folders.map(folderRow))
  element('events').replaceChildren(...state.events.map(eventItem))
  element('no-events').hidden = state.events.length > 0
}

function summary(nodes, folders) {
  const members = nodes.flatMap((node) => node.folders.map((folder) => ({ node, folder })))
  const files = folders.reduce((sum, folder) => sum + folder.counts.files, 0)
  const halted = folders.filter((folder) => folder.halted !== null)
  if (halted.length > 0) return `${halted[0].name} has halted and waits for you: ${halted[0].halted}`
  if (members.length === 0) return 'No node carries a folder yet.'
  const behind = members.filter(({ folder }) => folder.access !== 'send-only' && folder.behind !== 0)
  if (behind.length === 0) return `${inStep(nodes)} ${count(files, 'file')}, as of ${time(new Date())}.`
  const { node, folder } = behind[0]
  const by = folder.behind === null ? 'over 10,000 changes' : count(folder.behind, 'change')
  const others = behind.length > 1 ? ` ${count(behind.length - 1, 'other node')} too.` : ''
  return `${node.name} is ${by} behind in ${folder.folder}${node.online ? '' : ' and offline'}.${others}`
}

/** Only nodes that carry folders count; "the same" is said only where all carry the same ones. */
function inStep(nodes) {
  const carriers = nodes.filter((node) => node.folders.length > 0)
  if (carriers.length === 1) return 'The one node holds all'
  const carried = new Set(carriers.flatMap((node) => node.folders.map(({ folder }) => folder)))
  const isSame = carriers.every((node) => node.folders.length === carried.size)
  return isSame
    ? `All ${carriers.length} nodes hold the same`
    : `All ${carriers.length} nodes hold all that they carry of`
}

function nodeRow(node) {
  const [tone, mark, word] = nodeState(node)
  const folders = node.folders.map(
    (folder) => `${folder.folder}${folder.behind === 0 ? '' : ` (${folder.behind ?? 'over 10,000'} behind)`}`,
  )
  return row([
    marked(tone, mark, word),
    text(node.name, node.id),
    text(folders.join(', ') || 'none'),
    text(node.online ? 'now' : ago(node.lastSeenAt), node.lastSeenAt),
  ])
}

function nodeState(node) {
  if (!node.online) return ['quiet', '○', 'offline']
  const reports = node.folders.map((folder) => folder.report).filter((report) => report !== null)
  if (reports.some((report) => report.state === 'halted')) return ['bad', '■', 'halted']
  if (reports.some((report) => report.problems.length > 0)) return ['warn', '▲', 'needs attention']
  if (reports.some((report) => report.state === 'syncing' || report.state === 'scanning'))
    return ['busy', '◐', 'syncing']
  return node.folders.some((folder) => folder.behind !== 0) ? ['busy', '◐', 'syncing'] : ['good', '●', 'in sync']
}

function folderRow(folder) {
  const [tone, mark, word] =
    folder.halted !== null
      ? ['bad', '■', 'halted']
      : folder.openConflicts > 0
        ? ['warn', '▲', 'conflicts']
        : ['good', '●', 'in order']
  const numbers = [
    folder.counts.files.toLocaleString(),
    bytes(folder.counts.bytes),
    folder.openConflicts.toLocaleString(),
  ]
  return row([marked(tone, mark, word), text(folder.name, folder.id), ...numbers.map((number) => text(number))], 2)
}

const VERBS = {
  create: 'created',
  edit: 'edited',
  move: 'moved',
  delete: 'deleted',
  restore: 'brought back',
  merge: 'merged',
  conflict: 'kept both of',
  settle: 'settled',
  join: 'let in a node:',
  leave: 'let go a node:',
  halt: 'halted',
  resume: 'resumed',
}

function eventItem(event) {
  const item = document.createElement('li')
  const name = state.nodes.get(event.node)?.name ?? event.node
  const path = document.createElement('span')
  path.className = 'path'
  path.textContent =
    event.kind === 'move' ? `${event.pathBefore ?? ''} → ${event.path ?? ''}` : (event.path ?? event.folder)
  const many = event.entries > 1 ? ` (${count(event.entries, 'entry', 'entries')})` : ''
  const reason = document.createElement('span')
  reason.className = 'reason'
  reason.textContent = event.reason
  const when = document.createElement('time')
  when.dateTime = event.at
  when.title = event.at
  when.className = 'quiet'
  when.textContent = `${time(new Date(event.at))} `
  item.append(when, `${name} ${VERBS[event.kind] ?? event.kind} `, path, many, reason)
  return item
}

function row(cells, firstNumber = Infinity) {
  const line = document.createElement('tr')
  line.append(
    ...cells.map((cell, index) => {
      const td = document.createElement('td')
      if (index >= firstNumber) td.className = 'number'
      td.append(cell)
      return td
    }),
  )
  return line
}

function text(content, title) {
  const span = document.createElement('span')
  span.textContent = content
  if (title !== undefined) span.title = title
  return span
}

function marked(tone, mark, word) {
  const span = document.createElement('span')
  const sign = document.createElement('span')
  sign.className = tone
  sign.setAttribute('aria-hidden', 'true')
  sign.textContent = mark
  span.append(sign, ` ${word}`)
  return span
}

function showLink(tone, mark, word) {
  element('link').replaceChildren(marked(tone, mark, word))
}

function askForSignIn() {
  element('content').hidden = true
  element('sign-in').hidden = false
  showLink('quiet', '○', 'Not signed in')
}

async function signIn(submit) {
  submit.preventDefault()
  const token = element('token').value.trim()
  try {
    await call('/api/v1/session', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ token }),
    })
    element('token').value = ''
    element('sign-in-error').textContent = ''
    await open()
  } catch (error) {
    element('sign-in-error').textContent = `The sign-in failed: ${error.message}`
  }
}

function showJoinLink() {
  if (location.pathname !== '/join' || !/^#[\w-]{20,200}&folder=/.test(location.hash)) return
  const scheme = location.protocol === 'https:' ? 'causeways' : 'causeway'
  const command = `causeway join '${scheme}://${location.host}/join${location.hash.replaceAll("'", '%27')}' DIR`
  element('join-command').textContent = command
  element('join').hidden = false
  element('join-copy').addEventListener('click', () => navigator.clipboard.writeText(command))
}

async function call(path, options) {
  const response = await fetch(path, options)
  const body = await response.json()
  if (response.ok) return body
  throw Object.assign(new Error(body.error.message), { code: body.error.code })
}

function count(number, one, many = `${one}s`) {
  return `${number.toLocaleString()} ${number === 1 ? one : many}`
}

function bytes(number) {
  const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB']
  const step = number < 1024 ? 0 : Math.min(units.length - 1, Math.floor(Math.log2(number) / 10))
  const value = number / 1024 ** step
  return `${step === 0 ? value : value.toPrecision(3)} ${units[step]}`
}

function time(date) {
  return date.toLocaleTimeString(undefined, { hour12: false })
}

function ago(at) {
  const seconds = Math.max(0, (Date.now() - Date.parse(at)) / 1000)
  if (seconds < 90) return `${Math.round(seconds)} s ago`
  if (seconds < 5400) return `${Math.round(seconds / 60)} min ago`
  return seconds < 172_800 ? `${Math.round(seconds / 3600)} h ago` : `${Math.round(seconds / 86_400)} days ago`
}
