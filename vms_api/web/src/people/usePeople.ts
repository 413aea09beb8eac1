import { ref, shallowRef, type Ref, type ShallowRef } from 'vue'
import { addGroup, listGroups, type Group } from '@/api/grant'
import { ApiError } from '@/api/problem'
import { listUsers, type User } from '@/api/user'
import { tell } from '@/ui/tell'

/** The people and groups that the reader may manage. */
export interface People {
  users: Readonly<ShallowRef<User[]>>
  groups: Readonly<ShallowRef<Group[]>>
  /** Whether the reader manages accounts and groups, which are for the whole site, not only the rights in some areas. */
  isSiteWide: Readonly<Ref<boolean>>
  isLoaded: Readonly<Ref<boolean>>
  load(): Promise<void>
}

export function usePeople(): People {
  const users = shallowRef<User[]>([])
  const groups = shallowRef<Group[]>([])
  const isSiteWide = ref(false)
  const isLoaded = ref(false)

  async function load(): Promise<void> {
    const lists = await Promise.all([listUsers(), groupsIfSiteWide()]).catch(tell)
    if (lists === undefined) return
    users.value = lists[0]
    groups.value = lists[1] ?? []
    isSiteWide.value = lists[1] !== null
    isLoaded.value = true
  }
  return { users, groups, isSiteWide, isLoaded, load }
}

/** Groups are refused to those who manage users in some areas only: that is how the page learns of it. */
async function groupsIfSiteWide(): Promise<Group[] | null> {
  try {
    return await listGroups()
  } catch (error) {
    if (error instanceof ApiError && error.code === 'not-allowed') return null
    throw error
  }
}

/** Adds a group and answers its id once it is in the list. */
export async function addAndKeep(people: People, name: string): Promise<string> {
  const group = await addGroup(name)
  await people.load()
  return group.id
}
