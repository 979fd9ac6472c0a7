#include "mapi/locale.h"

#include <stddef.h>

/* clang-format off */
static const struct locale locales[] = {
	{ 0x000401, "ar-SA",         "ar_SA" },
	{ 0x000402, "bg-BG",         "bg_BG" },
	{ 0x000403, "ca-ES",         "ca_ES" },
	{ 0x000404, "zh-TW",         "zh_Hant_TW@collation=stroke" },
	{ 0x000405, "cs-CZ",         "cs_CZ" },
	{ 0x000406, "da-DK",         "da_DK" },
	{ 0x000407, "de-DE",         "de_DE" },
	{ 0x000408, "el-GR",         "el_GR" },
	{ 0x000409, "en-US",         "en_US" },
	{ 0x00040A, "es-ES_tradnl",  "es_ES@collation=traditional" },
	{ 0x00040B, "fi-FI",         "fi_FI" },
	{ 0x00040C, "fr-FR",         "fr_FR" },
	{ 0x00040D, "he-IL",         "he_IL" },
	{ 0x00040E, "hu-HU",         "hu_HU" },
	{ 0x00040F, "is-IS",         "is_IS" },
	{ 0x000410, "it-IT",         "it_IT" },
	{ 0x000411, "ja-JP",         "ja_JP" },
	{ 0x000412, "ko-KR",         "ko_KR" },
	{ 0x000413, "nl-NL",         "nl_NL" },
	{ 0x000414, "nb-NO",         "nb_NO" },
	{ 0x000415, "pl-PL",         "pl_PL" },
	{ 0x000416, "pt-BR",         "pt_BR" },
	{ 0x000417, "rm-CH",         "rm_CH" },
	{ 0x000418, "ro-RO",         "ro_RO" },
	{ 0x000419, "ru-RU",         "ru_RU" },
	{ 0x00041A, "hr-HR",         "hr_HR" },
	{ 0x00041B, "sk-SK",         "sk_SK" },
	{ 0x00041C, "sq-AL",         "sq_AL" },
	{ 0x00041D, "sv-SE",         "sv_SE" },
	{ 0x00041E, "th-TH",         "th_TH" },
	{ 0x00041F, "tr-TR",         "tr_TR" },
	{ 0x000420, "ur-PK",         "ur_PK" },
	{ 0x000421, "id-ID",         "id_ID" },
	{ 0x000422, "uk-UA",         "uk_UA" },
	{ 0x000423, "be-BY",         "be_BY" },
	{ 0x000424, "sl-SI",         "sl_SI" },
	{ 0x000425, "et-EE",         "et_EE" },
	{ 0x000426, "lv-LV",         "lv_LV" },
	{ 0x000427, "lt-LT",         "lt_LT" },
	{ 0x000429, "fa-IR",         "fa_IR" },
	{ 0x00042A, "vi-VN",         "vi_VN" },
	{ 0x00042B, "hy-AM",         "hy_AM" },
	{ 0x00042C, "az-Latn-AZ",    "az_Latn_AZ" },
	{ 0x00042D, "eu-ES",         "eu_ES" },
	{ 0x00042E, "hsb-DE",        "hsb_DE" },
	{ 0x00042F, "mk-MK",         "mk_MK" },
	{ 0x000436, "af-ZA",         "af_ZA" },
	{ 0x000437, "ka-GE",         "ka_GE" },
	{ 0x000438, "fo-FO",         "fo_FO" },
	{ 0x000439, "hi-IN",         "hi_IN" },
	{ 0x00043A, "mt-MT",         "mt_MT" },
	{ 0x00043B, "se-NO",         "se_NO" },
	{ 0x00043E, "ms-MY",         "ms_MY" },
	{ 0x00043F, "kk-KZ",         "kk_KZ" },
	{ 0x000440, "ky-KG",         "ky_KG" },
	{ 0x000441, "sw-KE",         "sw_KE" },
	{ 0x000443, "uz-Latn-UZ",    "uz_Latn_UZ" },
	{ 0x000445, "bn-IN",         "bn_IN" },
	{ 0x000446, "pa-IN",         "pa_Guru_IN" },
	{ 0x000447, "gu-IN",         "gu_IN" },
	{ 0x000448, "or-IN",         "or_IN" },
	{ 0x000449, "ta-IN",         "ta_IN" },
	{ 0x00044A, "te-IN",         "te_IN" },
	{ 0x00044B, "kn-IN",         "kn_IN" },
	{ 0x00044C, "ml-IN",         "ml_IN" },
	{ 0x00044D, "as-IN",         "as_IN" },
	{ 0x00044E, "mr-IN",         "mr_IN" },
	{ 0x000450, "mn-MN",         "mn_MN" },
	{ 0x000452, "cy-GB",         "cy_GB" },
	{ 0x000453, "km-KH",         "km_KH" },
	{ 0x000454, "lo-LA",         "lo_LA" },
	{ 0x000456, "gl-ES",         "gl_ES" },
	{ 0x00045B, "si-LK",         "si_LK" },
	{ 0x00045E, "am-ET",         "am_ET" },
	{ 0x000461, "ne-NP",         "ne_NP" },
	{ 0x000462, "fy-NL",         "fy_NL" },
	{ 0x000463, "ps-AF",         "ps_AF" },
	{ 0x000464, "fil-PH",        "fil_PH" },
	{ 0x000468, "ha-Latn-NG",    "ha_NG" },
	{ 0x00046A, "yo-NG",         "yo_NG" },
	{ 0x00046E, "lb-LU",         "lb_LU" },
	{ 0x000470, "ig-NG",         "ig_NG" },
	{ 0x00047E, "br-FR",         "br_FR" },
	{ 0x000801, "ar-IQ",         "ar_IQ" },
	{ 0x000804, "zh-CN",         "zh_Hans_CN@collation=pinyin" },
	{ 0x000807, "de-CH",         "de_CH" },
	{ 0x000809, "en-GB",         "en_GB" },
	{ 0x00080A, "es-MX",         "es_MX" },
	{ 0x00080C, "fr-BE",         "fr_BE" },
	{ 0x000810, "it-CH",         "it_CH" },
	{ 0x000813, "nl-BE",         "nl_BE" },
	{ 0x000814, "nn-NO",         "nn_NO" },
	{ 0x000816, "pt-PT",         "pt_PT" },
	{ 0x000818, "ro-MD",         "ro_MD" },
	{ 0x000819, "ru-MD",         "ru_MD" },
	{ 0x00081A, "sr-Latn-CS",    "sr_Latn_RS" },
	{ 0x00081D, "sv-FI",         "sv_FI" },
	{ 0x00082C, "az-Cyrl-AZ",    "az_Cyrl_AZ" },
	{ 0x00083C, "ga-IE",         "ga_IE" },
	{ 0x000843, "uz-Cyrl-UZ",    "uz_Cyrl_UZ" },
	{ 0x000845, "bn-BD",         "bn_BD" },
	{ 0x000C01, "ar-EG",         "ar_EG" },
	{ 0x000C04, "zh-HK",         "zh_Hant_HK@collation=stroke" },
	{ 0x000C07, "de-AT",         "de_AT" },
	{ 0x000C09, "en-AU",         "en_AU" },
	{ 0x000C0A, "es-ES",         "es_ES" },
	{ 0x000C0C, "fr-CA",         "fr_CA" },
	{ 0x000C1A, "sr-Cyrl-CS",    "sr_Cyrl_RS" },
	{ 0x001004, "zh-SG",         "zh_Hans_SG@collation=pinyin" },
	{ 0x001007, "de-LU",         "de_LU" },
	{ 0x001009, "en-CA",         "en_CA" },
	{ 0x00100A, "es-GT",         "es_GT" },
	{ 0x00100C, "fr-CH",         "fr_CH" },
	{ 0x00101A, "hr-BA",         "hr_BA" },
	{ 0x001401, "ar-DZ",         "ar_DZ" },
	{ 0x001404, "zh-MO",         "zh_Hant_MO@collation=stroke" },
	{ 0x001407, "de-LI",         "de_LI" },
	{ 0x001409, "en-NZ",         "en_NZ" },
	{ 0x00140C, "fr-LU",         "fr_LU" },
	{ 0x00141A, "bs-Latn-BA",    "bs_Latn_BA" },
	{ 0x001801, "ar-MA",         "ar_MA" },
	{ 0x001809, "en-IE",         "en_IE" },
	{ 0x00181A, "sr-Latn-BA",    "sr_Latn_BA" },
	{ 0x001C09, "en-ZA",         "en_ZA" },
	{ 0x001C1A, "sr-Cyrl-BA",    "sr_Cyrl_BA" },
	{ 0x00201A, "bs-Cyrl-BA",    "bs_Cyrl_BA" },
	{ 0x00240A, "es-CO",         "es_CO" },
	{ 0x00241A, "sr-Latn-RS",    "sr_Latn_RS" },
	{ 0x00281A, "sr-Cyrl-RS",    "sr_Cyrl_RS" },
	{ 0x002C0A, "es-AR",         "es_AR" },
	{ 0x002C1A, "sr-Latn-ME",    "sr_Latn_ME" },
	{ 0x00340A, "es-CL",         "es_CL" },
	{ 0x004009, "en-IN",         "en_IN" },
	{ 0x004809, "en-SG",         "en_SG" },
	{ 0x00540A, "es-US",         "es_US" },
	{ 0x010407, "de-DE_phoneb",  "de_DE@collation=phonebook" },
	{ 0x020804, "zh-CN_stroke",  "zh_Hans_CN@collation=stroke" },
	{ 0x021004, "zh-SG_stroke",  "zh_Hans_SG@collation=stroke" },
	{ 0x030404, "zh-TW_pronun",  "zh_Hant_TW@collation=zhuyin" },
	{ 0x040404, "zh-TW_radstr",  "zh_Hant_TW@collation=unihan" },
	{ 0x040411, "ja-JP_radstr",  "ja_JP@collation=unihan" },
	{ 0x040C04, "zh-HK_radstr",  "zh_Hant_HK@collation=unihan" },
	{ 0x041404, "zh-MO_radstr",  "zh_Hant_MO@collation=unihan" },
};
/* clang-format on */

enum { LOCALE_COUNT = sizeof locales / sizeof locales[0] };

const struct locale *locale_by_name(struct slice name)
{
	for (size_t i = 0; i < LOCALE_COUNT; i++)
		if (slice_equal_nocase(name, slice_of_string(locales[i].name)))
			return &locales[i];
	return NULL;
}

const struct locale *locale_by_language(struct slice language)
{
	for (size_t i = 0; i < LOCALE_COUNT; i++) {
		struct slice name = slice_of_string(locales[i].name);
		if (name.size > language.size && name.data[language.size] == '-' &&
		    slice_equal_nocase(slice_of(name.data, language.size), language))
			return &locales[i];
	}
	return NULL;
}

const struct locale *locale_by_lcid(uint32_t lcid)
{
	for (size_t i = 0; i < LOCALE_COUNT; i++)
		if (locales[i].lcid == lcid)
			return &locales[i];
	return NULL;
}

/* An LCID is, from its low end: ten bits of language, six of sublanguage, four of the way to sort.
 */
static uint32_t language_of(uint32_t lcid)
{
	return lcid & 0x3FF;
}

static uint32_t without_sort(uint32_t lcid)
{
	return lcid & 0xFFFF;
}

unsigned locale_nearness(uint32_t wanted, uint32_t kept)
{
	bool plain = kept == without_sort(kept);

	if (kept == wanted)
		return 4;
	if (without_sort(kept) == without_sort(wanted))
		return 3;
	if (language_of(kept) == language_of(wanted))
		return plain ? 2 : 1;
	return 0;
}
