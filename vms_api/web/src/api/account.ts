import { call } from '@/api/client'

export type Language = 'zh-CN' | 'en'

export interface Me {
  id: string
  username: string
  language: Language | null
}

export interface Credentials {
  username: string
  password: string
}

export const readSetup = () => call<{ needed: boolean }>('GET', '/setup')
export const setUp = (token: string, who: Credentials) => call<Me>('POST', '/setup', { token, ...who })
export const logIn = (who: Credentials) => call<Me>('POST', '/login', who)
export const logInByToken = (token: string) => call<Me>('POST', '/login', { token })
export const logOut = () => call<void>('POST', '/logout', {})
export const readMe = () => call<Me>('GET', '/me')
export const chooseLanguage = (language: Language) => call<Me>('PATCH', '/me', { language })
