#include "mapi/attributes.h"

#include <stdlib.h>

/* In order of tag. */
/* clang-format off: its columns mix tabs into the rows */
static const struct {
	mapi_tag tag;
	const char *name;
} tag_names[] = {
	{0x08070003,  "PR_EMS_AB_ROOM_CAPACITY"            },
	{ 0x0809001F, "PR_EMS_AB_ROOM_DESCRIPTION"         },
	{ 0x0FF60102, "PR_INSTANCE_KEY"                    },
	{ 0x0FF80102, "PR_MAPPING_SIGNATURE"               },
	{ 0x0FF90102, "PR_RECORD_KEY"                      },
	{ 0x0FFE0003, "PR_OBJECT_TYPE"                     },
	{ 0x0FFF0102, "PR_ENTRYID"                         },
	{ 0x3001001F, "PR_DISPLAY_NAME"                    },
	{ 0x3002001F, "PR_ADDRTYPE"                        },
	{ 0x3003001F, "PR_EMAIL_ADDRESS"                   },
	{ 0x3004001F, "PR_COMMENT"                         },
	{ 0x30050003, "PR_DEPTH"                           },
	{ 0x30070040, "PR_CREATION_TIME"                   },
	{ 0x30080040, "PR_LAST_MODIFICATION_TIME"          },
	{ 0x300B0102, "PR_SEARCH_KEY"                      },
	{ 0x36000003, "PR_CONTAINER_FLAGS"                 },
	{ 0x3609000B, "PR_SELECTABLE"                      },
	{ 0x360C001F, "PR_ANR"                             },
	{ 0x360F000D, "PR_CONTAINER_CONTENTS"              },
	{ 0x39000003, "PR_DISPLAY_TYPE"                    },
	{ 0x39020102, "PR_TEMPLATEID"                      },
	{ 0x39050003, "PR_DISPLAY_TYPE_EX"                 },
	{ 0x39FE001F, "PR_SMTP_ADDRESS"                    },
	{ 0x39FF001E, "PR_DISPLAY_NAME_PRINTABLE"          },
	{ 0x3A00001F, "PR_ACCOUNT"                         },
	{ 0x3A06001F, "PR_GIVEN_NAME"                      },
	{ 0x3A08001F, "PR_BUSINESS_TELEPHONE_NUMBER"       },
	{ 0x3A09001F, "PR_HOME_TELEPHONE_NUMBER"           },
	{ 0x3A0A001F, "PR_INITIALS"                        },
	{ 0x3A0F001F, "PR_MHS_COMMON_NAME"                 },
	{ 0x3A11001F, "PR_SURNAME"                         },
	{ 0x3A13001F, "PR_ORIGINAL_DISPLAY_NAME"           },
	{ 0x3A16001F, "PR_COMPANY_NAME"                    },
	{ 0x3A17001F, "PR_TITLE"                           },
	{ 0x3A18001F, "PR_DEPARTMENT_NAME"                 },
	{ 0x3A19001F, "PR_OFFICE_LOCATION"                 },
	{ 0x3A1A001F, "PR_PRIMARY_TELEPHONE_NUMBER"        },
	{ 0x3A1B101F, "PR_BUSINESS2_TELEPHONE_NUMBER_A_MV" },
	{ 0x3A1C001F, "PR_MOBILE_TELEPHONE_NUMBER"         },
	{ 0x3A20001F, "PR_TRANSMITTABLE_DISPLAY_NAME"      },
	{ 0x3A21001F, "PR_PAGER_TELEPHONE_NUMBER"          },
	{ 0x3A220102, "PR_USER_CERTIFICATE"                },
	{ 0x3A23001F, "PR_PRIMARY_FAX_NUMBER"              },
	{ 0x3A26001F, "PR_COUNTRY"                         },
	{ 0x3A27001F, "PR_LOCALITY"                        },
	{ 0x3A28001F, "PR_STATE_OR_PROVINCE"               },
	{ 0x3A29001F, "PR_STREET_ADDRESS"                  },
	{ 0x3A2A001F, "PR_POSTAL_CODE"                     },
	{ 0x3A2B101F, "PR_POST_OFFICE_BOX"                 },
	{ 0x3A2E001F, "PR_ASSISTANT_TELEPHONE_NUMBER"      },
	{ 0x3A2F101F, "PR_HOME2_TELEPHONE_NUMBER_A_MV"     },
	{ 0x3A30001F, "PR_ASSISTANT"                       },
	{ 0x3A40000B, "PR_SEND_RICH_INFO"                  },
	{ 0x3A5D001F, "PR_HOME_ADDRESS_STREET"             },
	{ 0x3A701102, "PR_USER_X509_CERTIFICATE"           },
	{ 0x3A710003, "PR_SEND_INTERNET_ENCODING"          },
	{ 0x3F080003, "PR_INITIAL_DETAILS_PANE"            },
	{ 0x8004001F, "PR_EMS_AB_FOLDER_PATHNAME"          },
	{ 0x8005000D, "PR_EMS_AB_MANAGER"                  },
	{ 0x8008000D, "PR_EMS_AB_IS_MEMBER_OF_DL"          },
	{ 0x8009000D, "PR_EMS_AB_MEMBER"                   },
	{ 0x800C000D, "PR_EMS_AB_OWNER"                    },
	{ 0x800E000D, "PR_EMS_AB_REPORTS"                  },
	{ 0x800F101F, "PR_EMS_AB_PROXY_ADDRESSES"          },
	{ 0x8011001F, "PR_EMS_AB_TARGET_ADDRESS"           },
	{ 0x8015000D, "PR_EMS_AB_PUBLIC_DELEGATES"         },
	{ 0x8024000D, "PR_EMS_AB_OWNER_BL"                 },
	{ 0x802D001F, "PR_EMS_AB_EXTENSION_ATTRIBUTE_1"    },
	{ 0x802E001F, "PR_EMS_AB_EXTENSION_ATTRIBUTE_2"    },
	{ 0x802F001F, "PR_EMS_AB_EXTENSION_ATTRIBUTE_3"    },
	{ 0x8030001F, "PR_EMS_AB_EXTENSION_ATTRIBUTE_4"    },
	{ 0x8031001F, "PR_EMS_AB_EXTENSION_ATTRIBUTE_5"    },
	{ 0x8032001F, "PR_EMS_AB_EXTENSION_ATTRIBUTE_6"    },
	{ 0x8033001F, "PR_EMS_AB_EXTENSION_ATTRIBUTE_7"    },
	{ 0x8034001F, "PR_EMS_AB_EXTENSION_ATTRIBUTE_8"    },
	{ 0x8035001F, "PR_EMS_AB_EXTENSION_ATTRIBUTE_9"    },
	{ 0x8036001F, "PR_EMS_AB_EXTENSION_ATTRIBUTE_10"   },
	{ 0x8038000D, "PR_EMS_AB_PF_CONTACTS"              },
	{ 0x803C001F, "PR_EMS_AB_OBJ_DIST_NAME"            },
	{ 0x8057101F, "PR_EMS_AB_BUSINESS_CATEGORY"        },
	{ 0x8069001F, "PR_EMS_AB_COUNTRY_NAME"             },
	{ 0x806A0003, "PR_EMS_AB_DELIV_CONT_LENGTH"        },
	{ 0x806F101F, "PR_EMS_AB_DESCRIPTION"              },
	{ 0x80B8000B, "PR_EMS_AB_HIDE_DL_MEMBERSHIP"       },
	{ 0x8101101F, "PR_EMS_AB_ORGANIZATION_NAME"        },
	{ 0x8102101F, "PR_EMS_AB_ORGANIZATIONAL_UNIT_NAME" },
	{ 0x810C101F, "PR_EMS_AB_POSTAL_ADDRESS"           },
	{ 0x8110000D, "PR_EMS_AB_PUBLIC_DELEGATES_BL"      },
	{ 0x8125000D, "PR_EMS_AB_ROLE_OCCUPANT"            },
	{ 0x812F000D, "PR_EMS_AB_SEE_ALSO"                 },
	{ 0x813A001F, "PR_EMS_AB_STREET_ADDRESS"           },
	{ 0x8175101F, "PR_EMS_AB_WWW_HOME_PAGE"            },
	{ 0x8C51101F, "PR_EMS_AB_LABELEDURI"               },
	{ 0x8C53001F, "PR_EMS_AB_GENERATION_QUALIFIER"     },
	{ 0x8C54001F, "PR_EMS_AB_HOUSE_IDENTIFIER"         },
	{ 0x8C57001F, "PR_EMS_AB_EXTENSION_ATTRIBUTE_11"   },
	{ 0x8C58001F, "PR_EMS_AB_EXTENSION_ATTRIBUTE_12"   },
	{ 0x8C59001F, "PR_EMS_AB_EXTENSION_ATTRIBUTE_13"   },
	{ 0x8C60001F, "PR_EMS_AB_EXTENSION_ATTRIBUTE_14"   },
	{ 0x8C61001F, "PR_EMS_AB_EXTENSION_ATTRIBUTE_15"   },
	{ 0x8C6A1102, "PR_EMS_AB_X509_CERT"                },
	{ 0x8C6B001F, "PR_EMS_AB_PERSONAL_TITLE"           },
	{ 0x8C6C001F, "PR_EMS_AB_LANGUAGE_ISO639"          },
	{ 0x8C6D0102, "PR_EMS_AB_OBJECT_GUID"              },
	{ 0x8C8E001F, "PR_EMS_AB_PHONETIC_GIVEN_NAME"      },
	{ 0x8C8F001F, "PR_EMS_AB_PHONETIC_SURNAME"         },
	{ 0x8C90001F, "PR_EMS_AB_PHONETIC_DEPARTMENT_NAME" },
	{ 0x8C91001F, "PR_EMS_AB_PHONETIC_COMPANY_NAME"    },
	{ 0x8C92001F, "PR_EMS_AB_PHONETIC_DISPLAY_NAME"    },
	{ 0x8C94000D, "PR_EMS_AB_HAB_SHOW_IN_DEPARTMENTS"  },
	{ 0x8C97000D, "PR_EMS_AB_HAB_DEPARTMENT_MEMBERS"   },
	{ 0x8C99000D, "PR_EMS_AB_HAB_PARENT_DEPARTMENT"    },
	{ 0x8C9A000D, "PR_EMS_AB_HAB_CHILD_DEPARTMENTS"    },
	{ 0x8C9E0102, "PR_EMS_AB_THUMBNAIL_PHOTO"          },
	{ 0x8CA00003, "PR_EMS_AB_HAB_SENIORITY_INDEX"      },
	{ 0x8CB5000B, "PR_EMS_AB_ENABLE_MODERATION"        },
	{ 0x8CC20102, "PR_EMS_AB_UM_SPOKEN_NAME"           },
	{ 0x8CDD000B, "PR_EMS_AB_HAB_IS_HIERARCHICAL_GROUP"},
	{ 0x8CE20003, "PR_EMS_AB_DL_TOTAL_MEMBER_COUNT"    },
	{ 0x8CE30003, "PR_EMS_AB_DL_EXTERNAL_MEMBER_COUNT" },
	{ 0xFFFB000B, "PR_EMS_AB_IS_MASTER"                },
	{ 0xFFFC0102, "PR_EMS_AB_PARENT_ENTRYID"           },
	{ 0xFFFD0003, "PR_EMS_AB_CONTAINERID"              },
};
/* clang-format on */

enum { TAG_COUNT = sizeof tag_names / sizeof tag_names[0] };

const char *mapi_tag_name(mapi_tag tag)
{
	for (size_t i = 0; i < TAG_COUNT; i++)
		if (tag_id(tag_names[i].tag) == tag_id(tag))
			return tag_names[i].name;
	return NULL;
}

static bool parse_number(const char *text, mapi_tag *tag)
{
	char *end;
	unsigned long n = strtoul(text, &end, 16);
	if (strncmp(text, "0x", 2) != 0 || end == text + 2 || *end || n > UINT32_MAX)
		return false;
	*tag = (mapi_tag)n;
	return true;
}

bool mapi_tag_parse(const char *name, mapi_tag *tag)
{
	if (parse_number(name, tag))
		return true;
	for (size_t i = 0; i < TAG_COUNT; i++) {
		if (strcmp(tag_names[i].name, name) == 0) {
			*tag = tag_names[i].tag;
			return true;
		}
	}
	const struct attribute *a = attribute_by_name(slice_of_string(name));
	if (!a || !a->visible)
		return false;
	*tag = a->tag;
	return true;
}
