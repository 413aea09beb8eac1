import { createApp } from 'vue'
import App from '@/App.vue'
import { onSessionEnd } from '@/api/client'
import { i18n, setLanguage, LANGUAGES } from '@/i18n'
import { router } from '@/router'
import { leave } from '@/state/me'
import '@/style/element'
import '@/style/tokens.css'
import '@/style/page.css'

const locale = i18n.global.locale.value
setLanguage(LANGUAGES.find((one) => one === locale) ?? 'en')

onSessionEnd(() => {
  leave()
  const { path, meta } = router.currentRoute.value
  if (meta.public !== true) void router.replace({ path: '/login', query: { next: path } })
})

createApp(App).use(i18n).use(router).mount('#app')
