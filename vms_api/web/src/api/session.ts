import { call, listAll, withQuery } from '@/api/client'
import type { Permission } from '@/api/permission'

/** An open login. `is_current` marks the one that asks. */
export interface Session {
  id: string
  user_id: string
  created_at: string
  last_used_at: string
  address: string
  agent: string
  is_current: boolean
}

export interface TokenIn {
  name: string
  scopes: Permission[]
  days: number
}

export interface Token {
  id: string
  user_id: string
  name: string
  scopes: Permission[]
  created_at: string
  expires_at: string
}

/** A fresh token with its text, which the server never shows again. */
export interface TokenMade extends Token {
  token: string
}

/** Without a user: one's own. */
export const listSessions = (userId?: string) => listAll<Session>(withQuery('/sessions', { user_id: userId }))
export const endSession = (id: string) => call<void>('DELETE', `/sessions/${id}`)
export const listTokens = (userId?: string) => listAll<Token>(withQuery('/tokens', { user_id: userId }))
export const addToken = (token: TokenIn) => call<TokenMade>('POST', '/tokens', token)
export const withdrawToken = (id: string) => call<void>('DELETE', `/tokens/${id}`)
