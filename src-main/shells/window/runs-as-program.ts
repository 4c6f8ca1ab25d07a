/*
 * Files that do more than be shown when they are opened, on any system: an archive travels, and so does what is taken out of it.
 * After Chromium's list of dangerous file types (chrome/browser/resources/safe_browsing/download_file_types.asciipb) and
 * Microsoft's list of attachments that Outlook blocks, without the types that only old programs know.
 */
const endings = new Set(
  [
    // Programs, and what installs them
    'exe com scr pif cpl dll ocx sys drv msi msp mst msix msixbundle appx appxbundle appinstaller application',
    'app pkg mpkg dmg iso img vhd vhdx deb rpm apk appimage flatpak flatpakref snap run bin elf out so dylib xpi crx',
    // Scripts
    'bat cmd ps1 ps1xml ps2 psm1 psd1 psc1 psc2 vb vbs vbe vbscript js jse mjs cjs ws wsf wsh wsc sct hta msh msh1 msh2',
    'sh bash zsh csh ksh fish command tool workflow action scpt scptd applescript osx terminal fileloc',
    'py pyc pyw pyz pyzw rb pl php lua tcl jar jnlp class groovy ahk au3 bas osa',
    // Shortcuts, settings, and what points elsewhere
    'lnk url website webloc inetloc desktop directory service scf shb shs reg inf ins isp job gadget search-ms searchconnector-ms',
    'library-ms settingcontent-ms appref-ms theme themepack diagcab diagcfg diagpkg msc mht mhtml chm hlp rdp mobileconfig',
    'configprofile prefpane qlgenerator saver wdgt action kext plugin bundle xbap xll xlam wll ade adp mdb mde accdb accde',
    // Documents with macros
    'docm dotm xlsm xltm xlsb pptm potm ppsm ppam sldm iqy slk',
  ]
    .join(' ')
    .split(' '),
)

/** Whether opening a file by its default program may run it, as far as its name tells. */
export function nameRunsAsProgram(name: string): boolean {
  // Windows drops dots and spaces at the end of a name, so that "a.exe. " is a program too; a stream is part of its file.
  const plain = name.replace(/:.*$/s, '').replace(/[. ]+$/, '')
  const dot = plain.lastIndexOf('.')
  // A ".desktop" is all ending.
  return dot >= 0 && endings.has(plain.slice(dot + 1).toLowerCase())
}

/** Whether its permissions make a file one that can be run. */
export function modeRunsAsProgram(mode: number): boolean {
  return (mode & 0o111) !== 0
}
