import { createRouter, createWebHistory, type RouteLocationNormalized, type RouteLocationRaw } from 'vue-router'
import { readSetup, type Me } from '@/api/account'
import WallView from '@/wall/WallView.vue'
import { homeOf, PAGES } from '@/pages'
import { hasDuty, recognise } from '@/state/me'

export const router = createRouter({
  history: createWebHistory(),
  routes: [
    { path: '/', name: 'home', component: () => import('@/ui/LostView.vue') },
    { path: '/wall', component: WallView, meta: { theme: 'wall' } },
    { path: '/overview', component: () => import('@/overview/OverviewView.vue') },
    { path: '/playback', component: () => import('@/playback/PlaybackView.vue'), meta: { theme: 'wall' } },
    { path: '/playback/exports', component: () => import('@/exports/ExportsView.vue') },
    { path: '/alerts', component: () => import('@/alerts/AlertsView.vue') },
    { path: '/patrol', component: () => import('@/patrol/PatrolView.vue') },
    { path: '/patrol/plans/new', component: () => import('@/patrol/PlanView.vue') },
    { path: '/patrol/plans/:id', component: () => import('@/patrol/PlanView.vue'), props: true },
    { path: '/patrol/rounds/:id', component: () => import('@/patrol/RoundView.vue'), props: true, meta: { theme: 'wall' } },
    { path: '/patrol/rounds/:id/protocol', component: () => import('@/patrol/ProtocolView.vue'), props: true },
    { path: '/tickets', component: () => import('@/tickets/TicketsView.vue') },
    { path: '/tickets/report', component: () => import('@/tickets/TicketReportView.vue') },
    { path: '/tickets/maintenance', component: () => import('@/tickets/MaintenanceView.vue') },
    { path: '/duty', component: () => import('@/duty/DutyView.vue') },
    { path: '/rates', component: () => import('@/rates/RatesView.vue') },
    { path: '/rates/targets', component: () => import('@/rates/TargetsView.vue') },
    { path: '/rates/reports', component: () => import('@/rates/ScheduledView.vue') },
    { path: '/diagnosis', component: () => import('@/diagnosis/DiagnosisView.vue') },
    { path: '/reports', component: () => import('@/reports/ReportsView.vue') },
    { path: '/cameras', component: () => import('@/cameras/CamerasView.vue') },
    { path: '/cameras/discover', component: () => import('@/discovery/DiscoverView.vue') },
    { path: '/cameras/import', component: () => import('@/imports/ImportView.vue') },
    { path: '/cameras/:id', component: () => import('@/cameras/CameraView.vue'), props: true },
    { path: '/cameras/:id/health', redirect: ({ params }) => ({ path: `/cameras/${String(params.id)}`, query: { tab: 'health' } }) },
    { path: '/areas', component: () => import('@/areas/AreasView.vue') },
    { path: '/users', component: () => import('@/people/PeopleView.vue') },
    { path: '/audit', component: () => import('@/audit/AuditView.vue') },
    { path: '/notify', component: () => import('@/notify/NotifyView.vue') },
    { path: '/system', component: () => import('@/system/SystemView.vue') },
    { path: '/system/network', component: () => import('@/network/NetworkView.vue') },
    { path: '/me', component: () => import('@/me/MeView.vue') },
    { path: '/first-steps', component: () => import('@/account/FirstStepsView.vue'), meta: { theme: 'wall' } },
    { path: '/login', component: () => import('@/account/LoginView.vue'), meta: { public: true, theme: 'wall' } },
    { path: '/setup', component: () => import('@/account/SetupView.vue'), meta: { public: true, theme: 'wall' } },
    { path: '/:rest(.*)*', component: () => import('@/ui/LostView.vue') },
  ],
})

// A one-time link carries its token in the fragment, and opens whatever the session is: it may be another person's.
router.beforeEach(async (to): Promise<RouteLocationRaw | true> => {
  if (to.meta.public === true) return true
  const who = await recognise().catch(() => null)
  if (who !== null) return isOpenTo(who, to) || homeOf(who)
  const setup = await readSetup().catch(() => ({ needed: false }))
  return setup.needed ? '/setup' : { path: '/login', query: { next: to.fullPath } }
})

/** Hiding is a courtesy: the server refuses by itself what the rights do not open. */
function isOpenTo(who: Me, to: RouteLocationNormalized): boolean {
  if (to.name === 'home' || hasDuty(who) !== (to.path === '/first-steps')) return false
  const page = PAGES.find(({ name }) => to.path === `/${name}` || to.path.startsWith(`/${name}/`))
  return page === undefined || who.permissions.includes(page.needs)
}

router.afterEach((to) => {
  document.documentElement.dataset.theme = to.meta.theme ?? 'desk'
})
