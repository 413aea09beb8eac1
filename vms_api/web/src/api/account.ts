import { API_ROOT, call, withQuery } from '@/api/client'
import type { Permission } from '@/api/permission'

export type Language = 'zh-CN' | 'en'

/** Who is logged in. `permissions` are those held somewhere; each area says which are held there. */
export interface Me {
  id: string
  username: string
  language: Language | null
  permissions: Permission[]
  must_change_password: boolean
  has_totp: boolean
  must_set_up_totp: boolean
  /** Of the site's clocks, by which its days are counted. */
  time_zone: string
}

export interface Credentials {
  username: string
  password: string
  /** Six digits, once the server has answered `totp-needed`. */
  code?: string
}

/** A second factor to be set up: the secret in base32, and the same as an `otpauth:` address. */
export interface TotpOffer {
  secret: string
  uri: string
}

/** How people may log in here; `oidc` is null where no provider is set up. */
export interface LoginMethods {
  password: boolean
  oidc: { label: string } | null
}

export const readSetup = () => call<{ needed: boolean }>('GET', '/setup')
export const setUp = (token: string, who: Credentials) => call<Me>('POST', '/setup', { token, ...who })
export const logIn = (who: Credentials) => call<Me>('POST', '/login', who)
export const logInByToken = (token: string) => call<Me>('POST', '/login', { token })
export const readLoginMethods = () => call<LoginMethods>('GET', '/login/methods')
/** Not a call: the browser itself goes there, and comes back to `next` or to `/login?problem=<code>`. */
export const oidcAddress = (next: string) => withQuery(`${API_ROOT}/login/oidc`, { next })
export const logOut = () => call<void>('POST', '/logout', {})
export const readMe = () => call<Me>('GET', '/me')
export const chooseLanguage = (language: Language) => call<Me>('PATCH', '/me', { language })

export const changePassword = (present: string, password: string) => call<void>('POST', '/me/password', { present, password })
export const offerTotp = (present: string) => call<TotpOffer>('POST', '/me/totp', { present })
export const confirmTotp = (code: string) => call<void>('POST', '/me/totp/confirm', { code })
export const removeOwnTotp = (present: string) => call<void>('POST', '/me/totp/remove', { present })
