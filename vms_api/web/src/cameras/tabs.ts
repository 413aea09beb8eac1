import type { Permission } from '@/api/permission'

/** The leaves of a camera's page, as its address names them. `onStage` leaves stand beside the picture. */
export const TABS = [
  { name: 'live', onStage: true },
  { name: 'rules', onStage: true },
  { name: 'masks', onStage: true },
  { name: 'recording', onStage: true },
  { name: 'ptz', onStage: true, needs: 'ptz.control' },
  { name: 'health', onStage: false },
  { name: 'quality', onStage: false },
  { name: 'analysis', onStage: false, needs: 'analysis.inspect' },
  { name: 'streams', onStage: false },
  { name: 'device', onStage: false },
  { name: 'ledger', onStage: false },
  { name: 'viewers', onStage: true, needs: 'access.view' },
] as const satisfies readonly { name: string; onStage: boolean; needs?: Permission }[]

export type Tab = (typeof TABS)[number]
export type TabName = Tab['name']

/** The leaves that a person is offered. One that the address names is opened even so: it says why it is empty. */
export const tabsFor = (may: (permission: Permission) => boolean): readonly Tab[] => TABS.filter((tab) => !('needs' in tab) || may(tab.needs))

export const tabOf = (asked: unknown): Tab => TABS.find(({ name }) => name === asked) ?? TABS[0]
