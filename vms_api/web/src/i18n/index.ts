import { createI18n } from 'vue-i18n'
import type { Language } from '@/api/account'
import en from '@/i18n/en'
import zh from '@/i18n/zh-CN'

const REMEMBERED = 'xueliang.language'

export const LANGUAGES: readonly Language[] = ['zh-CN', 'en']

export const i18n = createI18n({
  legacy: false,
  locale: startLanguage(),
  fallbackLocale: 'en',
  // Names of permissions and of audited acts have dots of their own.
  flatJson: true,
  messages: { 'zh-CN': zh, en },
})

/** The person's earlier choice on this machine, else the browser's language, else English. */
function startLanguage(): Language {
  const remembered = localStorage.getItem(REMEMBERED)
  if (remembered === 'zh-CN' || remembered === 'en') return remembered
  return navigator.languages.find((tag) => /^(zh|en)\b/.test(tag))?.startsWith('zh') ? 'zh-CN' : 'en'
}

export function setLanguage(language: Language): void {
  i18n.global.locale.value = language
  localStorage.setItem(REMEMBERED, language)
  document.documentElement.lang = language
}
