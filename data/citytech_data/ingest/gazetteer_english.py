"""How Chinese places are written in Latin letters, where their pinyin is not enough.

Read when the tables of the gazetteer are cut; the tables hold the result.
"""

from __future__ import annotations

PROVINCES = {
    "110000": "Beijing", "120000": "Tianjin", "130000": "Hebei", "140000": "Shanxi",
    "150000": "Inner Mongolia", "210000": "Liaoning", "220000": "Jilin",
    "230000": "Heilongjiang", "310000": "Shanghai", "320000": "Jiangsu", "330000": "Zhejiang",
    "340000": "Anhui", "350000": "Fujian", "360000": "Jiangxi", "370000": "Shandong",
    "410000": "Henan", "420000": "Hubei", "430000": "Hunan", "440000": "Guangdong",
    "450000": "Guangxi", "460000": "Hainan", "500000": "Chongqing", "510000": "Sichuan",
    "520000": "Guizhou", "530000": "Yunnan", "540000": "Tibet", "610000": "Shaanxi",
    "620000": "Gansu", "630000": "Qinghai", "640000": "Ningxia", "650000": "Xinjiang",
}  # fmt: skip
"""The English names of the provinces of the mainland."""

ENGLISH = {
    "141100": "Luliang", "150100": "Hohhot", "150600": "Ordos", "150700": "Hulunbuir",
    "150800": "Bayannur", "150900": "Ulanqab", "152200": "Hinggan", "152500": "Xilingol",
    "152900": "Alxa", "230100": "Harbin", "230200": "Qiqihar", "513200": "Ngawa",
    "513300": "Garze", "540100": "Lhasa", "540200": "Shigatse", "540300": "Qamdo",
    "540400": "Nyingchi", "540600": "Nagqu", "542500": "Ngari", "632500": "Hainan (Qinghai)",
    "632600": "Golog", "650100": "Urumqi", "650200": "Karamay", "650400": "Turpan",
    "652700": "Bortala", "652800": "Bayingolin", "652900": "Aksu", "653000": "Kizilsu",
    "653100": "Kashgar", "653200": "Hotan", "654000": "Ili", "654300": "Altay",
}  # fmt: skip
"""The usual English names of cities that go by another than their pinyin."""

SPELLINGS = {
    "110000": ("Peking",), "120000": ("Tientsin",), "500000": ("Chungking",),
    "150000": ("Nei Mongol", "Nei Monggol"), "540000": ("Xizang",), "650000": ("Sinkiang",),
    "141100": ("lv liang",), "152200": ("Xing'an League",), "320100": ("Nanking",),
    "350200": ("Amoy",), "370200": ("Tsingtao",),
    "513300": ("Kardze",), "540200": ("Xigaze",), "540500": ("Lhoka",),
    "632500": ("Hainan Tibetan",), "650100": ("Urumchi",), "650500": ("Kumul",),
    "653100": ("Kaxgar",), "653200": ("Khotan",), "654000": ("Yili",),
}  # fmt: skip
"""Further spellings of provinces and cities: words, or the syllables of their pinyin."""

READINGS = {
    "漯河": "luo he", "泊头": "bo tou", "乐陵": "lao ling", "乐亭": "lao ting",
    "乐清": "yue qing", "长子": "zhang zi", "什邡": "shi fang", "珲春": "hun chun",
    "番禺": "pan yu", "洪洞": "hong tong", "蔚": "yu", "尉氏": "wei shi", "尉犁": "yu li",
    "东阿": "dong e", "六合": "lu he", "六安": "lu an", "六枝": "liu zhi", "单": "shan",
    "莘": "shen", "任": "ren", "繁峙": "fan shi", "盱眙": "xu yi", "行唐": "xing tang",
    "井陉": "jing xing", "涡阳": "guo yang", "浚": "xun", "黄陂": "huang pi",
    "铅山": "yan shan", "牟平": "mu ping", "中牟": "zhong mu", "阆中": "lang zhong",
    "亳州": "bo zhou", "厦门": "xia men", "句容": "ju rong", "曾都": "zeng du",
    "高要": "gao yao", "重庆": "chong qing", "华": "hua", "辉": "hui",
}  # fmt: skip
"""Names that are read otherwise than pypinyin reads them."""

SYLLABLES = {"长": "chang", "都": "du", "勒": "le", "朝": "chao", "阿": "a", "什": "shi"}
"""How a character of a name is read, whatever pypinyin says."""

SEATS = {
    "152200": "乌兰浩特", "152500": "锡林浩特", "152900": "巴彦浩特", "222400": "延吉",
    "433100": "吉首", "513200": "马尔康", "513300": "康定", "513400": "西昌", "522300": "兴义",
    "522600": "凯里", "522700": "都匀", "532500": "蒙自", "532800": "景洪", "533100": "芒市",
    "533300": "泸水", "533400": "香格里拉", "632200": "海晏", "632300": "同仁",
    "632500": "共和", "632600": "玛沁", "632800": "德令哈", "652700": "博乐",
    "652800": "库尔勒", "653000": "阿图什", "654000": "伊宁", "652300": "昌吉",
}  # fmt: skip
"""The seats of prefectures that are named otherwise."""
