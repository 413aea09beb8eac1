import { createRouter, createWebHistory, type RouteLocationRaw } from 'vue-router'
import { readSetup } from '@/api/account'
import WallView from '@/wall/WallView.vue'
import { i18n } from '@/i18n'
import { recognise } from '@/state/me'

export const router = createRouter({
  history: createWebHistory(),
  routes: [
    { path: '/', redirect: '/wall' },
    { path: '/wall', component: WallView, meta: { theme: 'wall' } },
    { path: '/alerts', component: () => import('@/alerts/AlertsView.vue') },
    { path: '/cameras', component: () => import('@/cameras/CamerasView.vue') },
    { path: '/cameras/:id', component: () => import('@/cameras/CameraView.vue'), props: true },
    { path: '/system', component: () => import('@/system/SystemView.vue') },
    { path: '/login', component: () => import('@/account/LoginView.vue'), meta: { public: true, theme: 'wall' } },
    { path: '/setup', component: () => import('@/account/SetupView.vue'), meta: { public: true, theme: 'wall' } },
    { path: '/:rest(.*)*', component: () => import('@/ui/LostView.vue') },
  ],
})

// A one-time link carries its token in the fragment, and opens whatever the session is: it may be another person's.
router.beforeEach(async (to): Promise<RouteLocationRaw | true> => {
  if (to.meta.public === true) return true
  const who = await recognise().catch(() => null)
  if (who !== null) return true
  const setup = await readSetup().catch(() => ({ needed: false }))
  return setup.needed ? '/setup' : { path: '/login', query: { next: to.fullPath } }
})

router.afterEach((to) => {
  document.documentElement.dataset.theme = to.meta.theme ?? 'desk'
  document.title = i18n.global.t('brand')
})
