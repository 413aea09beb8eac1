import type zh from '@/i18n/zh-CN/dispatch'

const en: typeof zh = {
  dispatch: {
    title: 'Dispatch rules',
    hint: 'Alerts go to this centre first. What is not acknowledged or not handled in time goes to the next centre up. Rules of this area come before those of the areas above.',
    addTitle: '{area}: add a dispatch rule',
    editTitle: '{area}: edit the dispatch rule',
    removeAsk: 'Delete the dispatch rule “{name}”? Alerts that it has dispatched stay where they are.',
    which: 'Which alerts',
    kinds: 'Kinds',
    severities: 'Severities',
    schedule: 'When it holds',
    allKinds: 'All kinds',
    allSeverities: 'All severities',
    atTimes: 'at set times',
    nearest: 'Nearest centre',
    centreGone: 'The centre is gone; the nearest one answers',
    acknowledge: 'To acknowledge',
    resolve: 'To handle',
    remind: 'Reminder',
    acknowledgeMinutes: 'Minutes to acknowledge',
    resolveMinutes: 'Minutes to handle',
    remindMinutes: 'Minutes to the first reminder',
    remindHint: 'Each next one takes twice as long, up to a day; empty for none',
    position: 'Order',
    positionHint: 'In one area the lower number comes first',
    never: 'None',
    limit: { days: '{count} d', hours: '{count} h', minutes: '{count} min', seconds: '{count} s' },
    otherwise: 'All other alerts',
    otherwiseHint: 'Times of the site (configuration file, [dispatch])',
    from: 'rule of {area}',
  },
}

export default en
