import type zh from '@/i18n/zh-CN/inspection'

const en: typeof zh = {
  inspection: {
    title: 'How it is analysed',
    hint: 'Shows what the analysis sees now: motion, closer looks, what is followed, and how long each step takes. Every look is recorded in the audit log, lasts ten minutes at most and ends when you leave. The picture is shown under the privacy masks in force.',
    begin: 'Begin to look',
    end: 'End the look',
    waiting: 'Waiting for the next analysed picture. A camera whose analysis is off gives none; a still scene may take a few seconds.',
    picture: 'Picture analysed last',
    gate: 'Where it moves',
    patches: 'Moving patches',
    crops: 'Closer looks',
    tracks: 'Followed objects',
    at: 'Received',
    outcome: 'What became of it',
    outcomes: { analysed: 'detector looked', gated: 'no need to look', skipped: 'came too late', failed: 'detector failed' },
    moving: 'Share that moves',
    newBackground: 'background learnt anew',
    stage: { gate: 'Motion', detect: 'Detector', track: 'Tracks and rules' },
    age: 'From receipt to done',
    ms: '{ms} ms',
    noTracks: 'Nothing is followed now.',
    number: 'No.',
    label: 'Class',
    score: 'Score',
    state: 'State',
    states: { tentative: 'to be confirmed', confirmed: 'confirmed', lost: 'lost for now', hidden: 'stands still', ended: 'ended' },
  },
}

export default en
