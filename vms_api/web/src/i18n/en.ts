import accounts from '@/i18n/en/accounts'
import alertMap from '@/i18n/en/alertMap'
import alerts from '@/i18n/en/alerts'
import audit from '@/i18n/en/audit'
import cameras from '@/i18n/en/cameras'
import desk from '@/i18n/en/desk'
import device from '@/i18n/en/device'
import diagnosis from '@/i18n/en/diagnosis'
import discovery from '@/i18n/en/discovery'
import dispatch from '@/i18n/en/dispatch'
import duty from '@/i18n/en/duty'
import health from '@/i18n/en/health'
import inspection from '@/i18n/en/inspection'
import ledger from '@/i18n/en/ledger'
import live from '@/i18n/en/live'
import notify from '@/i18n/en/notify'
import network from '@/i18n/en/network'
import overview from '@/i18n/en/overview'
import patrol from '@/i18n/en/patrol'
import patrolPlan from '@/i18n/en/patrolPlan'
import playback from '@/i18n/en/playback'
import problems from '@/i18n/en/problems'
import ptz from '@/i18n/en/ptz'
import rates from '@/i18n/en/rates'
import reports from '@/i18n/en/reports'
import rules from '@/i18n/en/rules'
import tickets from '@/i18n/en/tickets'
import wall from '@/i18n/en/wall'
import type zh from '@/i18n/zh-CN'

const en: typeof zh = {
  ...accounts,
  ...alertMap,
  ...alerts,
  ...audit,
  ...cameras,
  ...desk,
  ...device,
  ...diagnosis,
  ...discovery,
  ...dispatch,
  ...duty,
  ...health,
  ...inspection,
  ...ledger,
  ...live,
  ...notify,
  ...network,
  ...overview,
  ...patrol,
  ...patrolPlan,
  ...playback,
  ...problems,
  ...ptz,
  ...rates,
  ...reports,
  ...rules,
  ...tickets,
  ...wall,
  brand: 'Xueliang',
  nav: {
    wall: 'Wall',
    overview: 'Overview',
    playback: 'Playback',
    alerts: 'Alerts',
    patrol: 'Patrol',
    tickets: 'Repairs',
    duty: 'Duty',
    rates: 'Rates',
    diagnosis: 'Pictures',
    reports: 'Statistics',
    cameras: 'Cameras',
    areas: 'Areas',
    users: 'People',
    audit: 'Audit',
    notify: 'Notifications',
    system: 'System',
    me: 'My account',
    home: 'Go to the first page',
    logOut: 'Log out',
    more: 'More',
    main: 'Main navigation',
    language: 'Language',
  },
  act: {
    save: 'Save',
    cancel: 'Cancel',
    remove: 'Delete',
    edit: 'Edit',
    more: 'Load more',
    undo: 'Undo',
    rename: 'Rename',
    copy: 'Copy',
    copied: 'Copied',
    noted: 'I have noted it',
  },
  span: { s: '{s} s', ms: '{m} min {s} s', hm: '{h} h {m} min', dh: '{d} d {h} h' },
  notice: {
    feedLost: 'The connection to the server is broken and is being restored. States shown meanwhile may be old.',
    nodeDown: 'The media node is not running; the system is restarting it. Until then there is no picture and no analysis.',
    nodeStarting: 'The media node is starting; cameras will come up one after another.',
    detectorFallback: 'The object detector is not available. Only motion is detected: people and vehicles are not told apart.',
    detectorReason: 'Reason: {reason}',
    details: 'System status',
    gone: 'There is no such page.',
  },
  login: {
    title: 'Log in',
    username: 'User name',
    password: 'Password',
    submit: 'Log in',
    code: 'Code',
    codeHint: 'The six digits of the authenticator app on your phone.',
    byOidc: 'Log in with {label}',
    byLink: 'Logging in by one-time link…',
    forgot: 'Password lost? Run xueliang user reset on the server.',
  },
  setup: {
    title: 'First set-up',
    lead: 'Create the first administrator. Then add your cameras.',
    again: 'Password again',
    submit: 'Create and enter',
    hint: 'At least 12 characters. A sentence you remember is fine.',
    differ: 'The two passwords differ.',
    needLink: 'Please open the set-up link that the server printed when it started; it carries a one-time token.',
    needName: 'Please enter a user name.',
  },
  day: { d0: 'Mon', d1: 'Tue', d2: 'Wed', d3: 'Thu', d4: 'Fri', d5: 'Sat', d6: 'Sun', label: 'Days' },
  system: {
    title: 'System status',
    version: 'Version',
    network: 'Way to the media node',
    networkCheck: 'Check the network for live view',
    uptime: 'Running for',
    node: 'Media node',
    nodeState: { up: 'Running', starting: 'Starting', down: 'Not running' },
    detector: 'Detector',
    runtime: 'Runtime',
    fallback: 'Fallback: motion only',
    normal: 'Normal',
    twin: {
      'twin-taken': 'Running its 8-bit version: faster on this machine, and checked on footage from this site.',
      'twin-not-quicker': 'The 8-bit version is not used: it is hardly faster on this machine.',
      'twin-inexact': 'The 8-bit version is not used: it misses too much of what the full model sees.',
      'twin-outdated': 'The 8-bit version is not used: the model or the processor has changed. Make it again with xueliang models quantize.',
      'twin-unusable': 'The 8-bit version is not used: its file is missing or damaged.',
    },
    help: 'Run xueliang models pull to get a model, then restart the server.',
    cameras: 'Cameras',
    feed: 'Live connection',
    feedOpen: 'Connected',
    feedLost: 'Broken',
    loading: 'Reading…',
  },
}

export default en
