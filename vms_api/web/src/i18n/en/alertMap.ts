import type zh from '@/i18n/zh-CN/alertMap'

const en: typeof zh = {
  alertMap: {
    title: 'Where alerts came from',
    show: 'Show on the picture where alerts came from',
    hint: 'Shows on the picture where alerts came from, and how many alerts of each rule were true. An alert with its repeats is judged, and counted, once.',
    span: 'Time span',
    days: 'Last {days} days',
    none: 'No alerts in the last {days} days.',
    count: 'Alerts',
    precision: 'Found true',
    judged: '{yes} true, {no} false',
    unjudged: 'not judged yet',
    newestOnly: 'There are many: only the newest 20,000 are counted here.',
  },
}

export default en
