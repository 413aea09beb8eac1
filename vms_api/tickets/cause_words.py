"""What causes are called in reports and mails, in both languages."""

from collections.abc import Mapping
from types import MappingProxyType

from vms_api.tickets.cause import Cause

CAUSE_WORDS: Mapping[str, Mapping[Cause, str]] = MappingProxyType(
    {
        "en": {
            Cause.OFFLINE: "Offline",
            Cause.NOT_RECORDING: "Not recording",
            Cause.CLOCK: "Clock wrong",
            Cause.DRIFT: "Settings changed",
            Cause.STORAGE: "Storage",
            Cause.NODE: "Media node away",
            Cause.PATROL: "Found on patrol",
            Cause.OTHER: "Noticed by somebody",
            Cause.QUALITY_LOSS: "No picture",
            Cause.QUALITY_FREEZE: "Picture frozen",
            Cause.QUALITY_DARK: "Picture too dark",
            Cause.QUALITY_BRIGHT: "Picture too bright",
            Cause.QUALITY_BLUR: "Picture blurred",
            Cause.QUALITY_OCCLUSION: "View covered",
            Cause.QUALITY_CAST: "Colour cast",
            Cause.QUALITY_SNOW: "Snow in the picture",
            Cause.QUALITY_STRIPES: "Stripes in the picture",
            Cause.QUALITY_SHIFT: "View moved",
            Cause.QUALITY_STUTTER: "Picture stutters",
        },
        "zh-CN": {
            Cause.OFFLINE: "离线",
            Cause.NOT_RECORDING: "未录像",
            Cause.CLOCK: "时钟偏差",
            Cause.DRIFT: "参数被改动",
            Cause.STORAGE: "存储异常",
            Cause.NODE: "媒体节点离线",
            Cause.PATROL: "巡查发现",
            Cause.OTHER: "人工报修",
            Cause.QUALITY_LOSS: "无画面",
            Cause.QUALITY_FREEZE: "画面冻结",
            Cause.QUALITY_DARK: "画面过暗",
            Cause.QUALITY_BRIGHT: "画面过亮",
            Cause.QUALITY_BLUR: "画面模糊",
            Cause.QUALITY_OCCLUSION: "镜头遮挡",
            Cause.QUALITY_CAST: "画面偏色",
            Cause.QUALITY_SNOW: "雪花噪点",
            Cause.QUALITY_STRIPES: "条纹干扰",
            Cause.QUALITY_SHIFT: "视角偏移",
            Cause.QUALITY_STUTTER: "画面卡顿",
        },
    }
)
