import { createApp } from 'vue'
import App from '@/App.vue'
import { onDuty, onSessionEnd } from '@/api/client'
import { i18n, setLanguage, LANGUAGES } from '@/i18n'
import { router } from '@/router'
import { leave, readAgain } from '@/state/me'
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

// An administrator may ask for another password or a second factor while the person is at work.
onDuty(() => {
  readAgain()
    .then(() => router.replace('/first-steps'))
    .catch(() => undefined) // The next request asks again.
})

createApp(App).use(i18n).use(router).mount('#app')
