import { z } from 'zod'
import {
  AuthorSchema,
  ChangeMembershipSchema,
  ChangeNodeSchema,
  GiveFolderSchema,
  LostDeviceSchema,
  MembershipViewSchema,
  NodeViewSchema,
  OkSchema,
} from '../rest.ts'
import { InFolder, InFolderNode, OfNode } from './params.ts'
import { route } from './route.ts'

const tags = ['nodes'] as const
const MEMBER = { access: 'member', right: 'list' } as const
const ADMIN = { access: 'admin' } as const
const PERSON = { access: 'person' } as const

/** Nodes, and which folders they carry. */
export const NODE_ROUTES = {
  list: route({
    method: 'GET',
    path: '/api/v1/nodes',
    ...PERSON,
    tags,
    summary: 'All nodes',
    response: z.array(NodeViewSchema),
  }),
  get: route({
    method: 'GET',
    path: '/api/v1/nodes/:id',
    ...PERSON,
    tags,
    summary: 'One node',
    params: OfNode,
    response: NodeViewSchema,
  }),
  rename: route({
    method: 'PATCH',
    path: '/api/v1/nodes/:id',
    ...ADMIN,
    tags,
    summary: 'Rename a node',
    params: OfNode,
    body: ChangeNodeSchema,
    response: NodeViewSchema,
  }),
  reportLost: route({
    method: 'POST',
    path: '/api/v1/nodes/:id/lost',
    ...ADMIN,
    tags,
    summary: 'Remove a device that was lost; the answer says what it held',
    params: OfNode,
    response: LostDeviceSchema,
  }),
  remove: route({
    method: 'DELETE',
    path: '/api/v1/nodes/:id',
    ...ADMIN,
    tags,
    summary: 'Remove a node; its files stay on its disk',
    params: OfNode,
    response: OkSchema,
  }),
  giveFolder: route({
    method: 'PUT',
    path: '/api/v1/folders/:folder/members/:node',
    ...ADMIN,
    tags,
    summary: 'Offer a folder to a node',
    params: InFolderNode,
    body: GiveFolderSchema,
    response: OkSchema,
  }),
  takeFolderAway: route({
    method: 'DELETE',
    path: '/api/v1/folders/:folder/members/:node',
    ...ADMIN,
    tags,
    summary: 'Take a folder away from a node; its files stay on its disk',
    params: InFolderNode,
    response: OkSchema,
  }),
  declineFolder: route({
    method: 'POST',
    path: '/api/v1/folders/:folder/members/:node/decline',
    ...ADMIN,
    tags,
    summary: "Decline a folder on a node's behalf",
    params: InFolderNode,
    response: OkSchema,
  }),
  members: route({
    method: 'GET',
    path: '/api/v1/folders/:folder/members',
    ...MEMBER,
    tags,
    summary: 'The nodes that carry a folder',
    params: InFolder,
    response: z.array(MembershipViewSchema),
  }),
  authors: route({
    method: 'GET',
    path: '/api/v1/folders/:folder/authors',
    ...MEMBER,
    tags,
    summary: "The names behind the node ids in a folder's history",
    params: InFolder,
    response: z.array(AuthorSchema),
  }),
  changeMember: route({
    method: 'PATCH',
    path: '/api/v1/folders/:folder/members/:node',
    ...ADMIN,
    tags,
    summary: "Change a node's access to a folder, or pause it",
    params: InFolderNode,
    body: ChangeMembershipSchema,
    response: MembershipViewSchema,
  }),
}
